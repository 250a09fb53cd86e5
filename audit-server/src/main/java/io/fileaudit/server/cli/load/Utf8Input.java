package io.fileaudit.server.cli.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Turns text of any encoding into UTF-8. What is no character in its encoding becomes {@link
 * #INVALID}, a byte that UTF-8 never has, so that the row around it can be told. A byte order mark
 * is left out.
 */
abstract sealed class Utf8Input {
  /** In the place of what cannot be decoded. */
  static final byte INVALID = (byte) 0xff;

  private static final int BYTES = 64 * 1024;

  final InputStream in;

  private Utf8Input(InputStream in) {
    this.in = in;
  }

  static Utf8Input of(InputStream in, Charset encoding) {
    if (encoding.equals(StandardCharsets.UTF_8) || encoding.equals(StandardCharsets.US_ASCII)) {
      return new Same(in);
    }
    return encoding.equals(StandardCharsets.ISO_8859_1)
        ? new Latin1(in)
        : new Decoded(in, encoding);
  }

  /** Reads at least one byte, or -1 at the end; {@code to} is larger than 8 bytes. */
  abstract int read(byte[] to) throws IOException;

  /** Whether sequences of bytes may be wrong; else only {@link #INVALID} tells. */
  boolean needsCheck() {
    return false;
  }

  private static final class Same extends Utf8Input {
    private boolean begun;

    Same(InputStream in) {
      super(in);
    }

    @Override
    int read(byte[] to) throws IOException {
      if (begun) {
        return in.read(to);
      }
      begun = true;
      int head = in.readNBytes(to, 0, 3);
      boolean mark =
          head == 3 && to[0] == (byte) 0xef && to[1] == (byte) 0xbb && to[2] == (byte) 0xbf;
      int kept = mark ? 0 : head;
      int more = in.read(to, kept, to.length - kept);
      return more < 0 ? (kept == 0 ? -1 : kept) : kept + more;
    }

    @Override
    boolean needsCheck() {
      return true;
    }
  }

  /** Each byte is a character of the same number. */
  private static final class Latin1 extends Utf8Input {
    private final byte[] read = new byte[BYTES];

    Latin1(InputStream in) {
      super(in);
    }

    @Override
    int read(byte[] to) throws IOException {
      int count = in.read(read, 0, Math.min(read.length, to.length / 2));
      int at = 0;
      for (int i = 0; i < count; i++) {
        byte b = read[i];
        if (b >= 0) {
          to[at++] = b;
        } else {
          to[at++] = (byte) (0xc0 | ((b & 0xff) >> 6));
          to[at++] = (byte) (0x80 | (b & 0x3f));
        }
      }
      return count < 0 ? -1 : at;
    }
  }

  /** Whatever else Java knows. */
  private static final class Decoded extends Utf8Input {
    private final CharsetDecoder decoder;
    private final CharsetEncoder encoder =
        StandardCharsets.UTF_8
            .newEncoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE)
            .replaceWith(new byte[] {'?'});
    private final ByteBuffer bytes = ByteBuffer.allocate(BYTES).limit(0);
    private final CharBuffer characters = CharBuffer.allocate(BYTES).limit(0);
    private boolean ended;
    private boolean begun;
    private boolean invalid;

    Decoded(InputStream in, Charset encoding) {
      super(in);
      decoder =
          encoding
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    @Override
    int read(byte[] to) throws IOException {
      ByteBuffer out = ByteBuffer.wrap(to);
      while (out.position() == 0) {
        if (characters.hasRemaining()) {
          encoder.encode(characters, out, false);
        } else if (invalid) {
          out.put(INVALID);
          invalid = false;
        } else if (!decode()) {
          return -1;
        }
      }
      return out.position();
    }

    private boolean decode() throws IOException {
      if (!ended) {
        bytes.compact();
        int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
        ended = count < 0;
        bytes.position(bytes.position() + Math.max(count, 0)).flip();
      }
      if (ended && !bytes.hasRemaining()) {
        return false;
      }
      characters.clear();
      CoderResult result = decoder.decode(bytes, characters, ended);
      characters.flip();
      if (result.isError()) {
        bytes.position(bytes.position() + result.length());
        invalid = true;
      }
      if (!begun && characters.hasRemaining()) {
        begun = true;
        if (characters.get(characters.position()) == '\ufeff') {
          characters.get();
        }
      }
      return true;
    }
  }
}
