package io.fileaudit.api.evidence;

import io.fileaudit.api.evidence.Verification.Findings;
import io.fileaudit.api.json.AuditJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Verifies a bundle of evidence without the service: the checkpoint by its key, the entries of the
 * log by their proofs, the ledger by the seals that the entries say, row by row. Reads the ledger
 * as a stream, whatever its size. Blocks.
 */
public final class BundleVerifier {
  /** What is missing where the verifier holds no key. */
  public static final String NO_KEY =
      "no key is given that is trusted: whoever changes history can sign it with another one";

  /** The longest file of a bundle other than the ledger, leaves and heads. */
  private static final int MOST_BYTES = 64 * 1024 * 1024;

  private final Findings findings = new Findings();
  private final ZipFile zip;
  private final @Nullable NoteKey trusted;
  private final List<TreeHead> known;
  private final Consumer<byte[]> seen;

  private BundleVerifier(
      ZipFile zip, @Nullable NoteKey trusted, List<TreeHead> known, Consumer<byte[]> seen) {
    this.zip = zip;
    this.trusted = trusted;
    this.known = known;
    this.seen = seen;
  }

  /**
   * What verified: what the bundle is about, and what was found.
   *
   * @param about what it is about
   * @param rows how many rows of the ledger it has
   * @param checkpoint the checkpoint that was signed; null where there is none
   * @param life what became of the batch, by the log
   * @param opened the entry of the log by which the batch was opened; null where there is none
   * @param verification what was found
   */
  public record Verified(
      Bundle.About about,
      long rows,
      @Nullable Checkpoint checkpoint,
      Life life,
      @Nullable String opened,
      Verification verification) {}

  /** What the log says of a batch's life. */
  public enum Life {
    /** It has no entry of it. */
    UNKNOWN,
    /** A run is open. */
    OPEN,
    /** Its last run has ended. */
    ENDED,
    /** It was taken away. */
    PURGED
  }

  /**
   * Verifies a bundle.
   *
   * @param file the bundle
   * @param trusted the key that the verifier holds; null where it holds none, which leaves the
   *     evidence incomplete
   * @param known heads of the ledger that the verifier kept, as from acknowledgements
   * @param seen is shown the text of each row, in order
   * @throws IllegalArgumentException where the file is no bundle, says why
   * @throws IOException where the file cannot be read
   */
  public static Verified verify(
      Path file, @Nullable NoteKey trusted, List<TreeHead> known, Consumer<byte[]> seen)
      throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
      return new BundleVerifier(zip, trusted, known, seen).verify();
    } catch (ZipException e) {
      throw new IllegalArgumentException(file + " is no ZIP file: " + e.getMessage(), e);
    }
  }

  /**
   * The signed checkpoint of a bundle, not verified; null where it has none.
   *
   * @throws IllegalArgumentException where the file is no bundle
   * @throws IOException where the file cannot be read
   */
  public static @Nullable String checkpoint(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
      byte[] note = new BundleVerifier(zip, null, List.of(), row -> {}).whole(Bundle.CHECKPOINT);
      return note == null ? null : new String(note, StandardCharsets.UTF_8);
    } catch (ZipException e) {
      throw new IllegalArgumentException(file + " is no ZIP file: " + e.getMessage(), e);
    }
  }

  private Verified verify() throws IOException {
    Bundle.About about = about();
    Checkpoint checkpoint = checkpoint();
    BatchLog log = new BatchLog(about, findings);
    try (Lines lines = lines(Bundle.LOG)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        LogProof entry = read(line, LogProof.class);
        if (entry == null || entry.body() == null) {
          findings.tampered(Bundle.LOG + " has a line that is no entry");
        } else {
          log.add(entry, checkpoint);
        }
      }
    }
    log.end();
    LedgerCheck ledger = new LedgerCheck(about, log, findings);
    known.forEach(head -> ledger.expect(head, "the head that was kept"));
    try (Lines lines = lines(Bundle.HEADS)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        TreeHead head = read(line, TreeHead.class);
        if (head == null || head.root() == null) {
          findings.tampered(Bundle.HEADS + " has a line that is no head");
        } else {
          ledger.expect(head, "what was acknowledged");
        }
      }
    }
    try (Lines rows = lines(Bundle.LEDGER);
        Lines leaves = lines(Bundle.LEAVES)) {
      for (byte[] row = rows.nextBytes(); row != null; row = rows.nextBytes()) {
        ledger.add(row, leaves.next());
        seen.accept(row);
      }
    }
    ledger.end();
    return new Verified(
        about, ledger.rows(), checkpoint, log.life(), log.opening(), findings.verification());
  }

  private Bundle.About about() throws IOException {
    byte[] text = whole(Bundle.ABOUT);
    Bundle.About about =
        text == null ? null : read(new String(text, StandardCharsets.UTF_8), Bundle.About.class);
    if (about == null || about.batch() == null || about.namespace() == null) {
      throw new IllegalArgumentException(
          zip.getName() + " is no bundle of evidence: it has no " + Bundle.ABOUT);
    }
    if (about.v() != Bundle.VERSION) {
      throw new IllegalArgumentException(
          zip.getName() + " is of version " + about.v() + ", expected " + Bundle.VERSION);
    }
    return about;
  }

  private @Nullable Checkpoint checkpoint() throws IOException {
    byte[] note = whole(Bundle.CHECKPOINT);
    if (note == null) {
      findings.missing("there is no signed checkpoint");
      return null;
    }
    NoteKey key = trusted;
    if (key == null) {
      findings.missing(NO_KEY);
      byte[] own = whole(Bundle.KEY);
      if (own == null) {
        return null;
      }
      try {
        key = NoteKey.read(new String(own, StandardCharsets.UTF_8));
      } catch (IllegalArgumentException e) {
        findings.tampered("the bundle's key cannot be read: " + e.getMessage());
        return null;
      }
    }
    try {
      return Checkpoint.open(new String(note, StandardCharsets.UTF_8), key);
    } catch (IllegalArgumentException e) {
      findings.tampered("the checkpoint is not what was signed: " + e.getMessage());
      return null;
    }
  }

  private byte @Nullable [] whole(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      return null;
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readNBytes(MOST_BYTES);
    }
  }

  /** The lines of a file; none where it is not there. */
  private Lines lines(String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    return new Lines(entry == null ? InputStream.nullInputStream() : zip.getInputStream(entry));
  }

  private static <T> @Nullable T read(String json, Class<T> type) {
    try {
      return AuditJson.lenient().readValue(json, type);
    } catch (JacksonException e) {
      return null;
    }
  }

  /** What that text is as JSON; null where it is none. */
  static @Nullable JsonNode json(byte[] text) {
    try {
      return AuditJson.lenient().readTree(text);
    } catch (JacksonException e) {
      return null;
    }
  }

  /** Lines by their line ends alone, whatever else is in them. */
  private static final class Lines implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int filled;

    Lines(InputStream in) {
      this.in = in;
    }

    @Nullable String next() throws IOException {
      byte[] line = nextBytes();
      return line == null ? null : new String(line, StandardCharsets.UTF_8);
    }

    byte @Nullable [] nextBytes() throws IOException {
      List<byte[]> parts = new ArrayList<>();
      long length = 0;
      while (length < MOST_BYTES) {
        if (at == filled) {
          filled = Math.max(0, in.read(buffer));
          at = 0;
          if (filled == 0) {
            return parts.isEmpty() ? null : joined(parts);
          }
        }
        int end = at;
        while (end < filled && buffer[end] != '\n') {
          end++;
        }
        parts.add(java.util.Arrays.copyOfRange(buffer, at, end));
        length += end - at;
        at = Math.min(end + 1, filled);
        if (end < filled) {
          return joined(parts);
        }
      }
      throw new IOException("a line is longer than " + MOST_BYTES + " bytes");
    }

    private static byte[] joined(List<byte[]> parts) {
      if (parts.size() == 1) {
        return parts.get(0);
      }
      java.io.ByteArrayOutputStream whole = new java.io.ByteArrayOutputStream();
      parts.forEach(whole::writeBytes);
      return whole.toByteArray();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
