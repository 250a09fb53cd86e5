package io.fileaudit.server.cli.load;

import io.fileaudit.api.evidence.Sha256;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The content of a file while it is read once, from beginning to end: gzip is taken apart whatever
 * the name says, and the bytes as they are stored are counted and digested. Not thread-safe.
 */
public final class Content implements AutoCloseable {
  private static final int BUFFER_BYTES = 256 * 1024;

  /** Looks at the stored bytes as they go by. */
  private static final class Measured extends FilterInputStream {
    private final MessageDigest digest = Sha256.begin();
    private long bytes;

    Measured(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int count = in.read(to, offset, length);
      if (count > 0) {
        digest.update(to, offset, count);
        bytes += count;
      }
      return count;
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }

  /** Takes several members as one, like {@code gzip -d}, and nothing else behind them but zeros. */
  private static final class Gunzipped extends GZIPInputStream {
    private static final int TRAILER_BYTES = 8;

    Gunzipped(InputStream in) throws IOException {
      super(in, BUFFER_BYTES);
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int count = super.read(to, offset, length);
      if (count < 0) {
        int left = inf.getRemaining();
        for (int i = len - left + TRAILER_BYTES; left > TRAILER_BYTES && i < len; i++) {
          refuseUnlessZero(buf[i]);
        }
        for (int b = in.read(); b >= 0; b = in.read()) {
          refuseUnlessZero(b);
        }
      }
      return count;
    }

    private static void refuseUnlessZero(int b) throws ZipException {
      if (b != 0) {
        throw new ZipException("something that is no gzip follows the gzip");
      }
    }
  }

  private final Measured stored;
  private final BufferedInputStream buffered;
  private final InputStream rows;

  private Content(Measured stored, BufferedInputStream buffered, InputStream rows) {
    this.stored = stored;
    this.buffered = buffered;
    this.rows = rows;
  }

  /**
   * The content of that stream, which is closed with it.
   *
   * @throws UnreadableFile where it is a gzip without a head
   */
  static Content of(InputStream in) throws IOException, UnreadableFile {
    Measured stored = new Measured(in);
    BufferedInputStream buffered = new BufferedInputStream(stored, BUFFER_BYTES);
    buffered.mark(2);
    boolean gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
    buffered.reset();
    try {
      return new Content(stored, buffered, gzip ? new Gunzipped(buffered) : buffered);
    } catch (EOFException | ZipException e) {
      throw UnreadableFile.of(e);
    }
  }

  /** The bytes of its rows; damage shows as {@link EOFException} or {@link ZipException}. */
  public InputStream rows() {
    return rows;
  }

  /** How many bytes as they are stored were read so far. */
  public long bytes() {
    return stored.bytes;
  }

  /**
   * Reads what is left and gives the checksum of the whole, {@code sha256:} and hexadecimal digits.
   */
  public String checksum() throws IOException {
    buffered.transferTo(java.io.OutputStream.nullOutputStream());
    return "sha256:" + HexFormat.of().formatHex(stored.digest.digest());
  }

  @Override
  public void close() throws IOException {
    rows.close();
  }
}
