package io.fileaudit.server.cli.load;

import io.fileaudit.server.cli.scan.CsvFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a CSV file into rows as PostgreSQL's COPY takes them. What is a record is
 * the same as for {@code audit scan}: a quote opens or closes quotes wherever it stands and means
 * itself where it is doubled inside them; outside quotes CR, LF and CRLF end a record; an empty
 * line is none.
 *
 * <p>Holds one chunk at a time, whatever the size of the file. Not thread-safe.
 */
public final class RowReader {
  /** Longer records end the reading: most often it is a quote that is nowhere closed. */
  public static final int LONGEST_ROW_BYTES = 32 * 1024 * 1024;

  private static final int CHUNK_BYTES = 4 * 1024 * 1024;
  private static final int MOST_BAD_ROWS = 1_000;
  private static final int ANY_NUMBER = -1;
  private static final byte[] NULL = {'\\', 'N'};

  private final Utf8Input in;
  private final byte quote;
  private final boolean quoting;
  private final byte delimiter;
  private final byte[] nullText;
  private final boolean[] stops = new boolean[256];
  private final int chunkBytes;
  private final byte[] read = new byte[128 * 1024];
  private int at;
  private int limit;

  private int columns = ANY_NUMBER;
  private long line = 1;
  private boolean afterReturn;

  private long recordLine = 1;
  private int recordBegin;
  private int fieldBegin;
  private int fields;
  private boolean quoted;
  private boolean inside;
  private boolean afterQuote;
  private boolean nul;

  /** Reads that format; the stream stays the caller's to close. */
  public RowReader(InputStream in, RowFormat format) {
    this(in, format, CHUNK_BYTES);
  }

  RowReader(InputStream in, RowFormat format, int chunkBytes) {
    this.in = Utf8Input.of(in, format.encoding());
    this.quote = (byte) format.csv().quote();
    this.quoting = format.csv().quote() != CsvFormat.UNQUOTED;
    this.delimiter = (byte) format.delimiter();
    this.nullText = escaped(format.nullText());
    this.chunkBytes = chunkBytes;
    for (char c : new char[] {'\n', '\r', '\t', '\\', '\0', format.delimiter()}) {
      stops[c] = true;
    }
    if (quoting) {
      stops[format.csv().quote()] = true;
    }
  }

  /**
   * Reads the first record as names. Call it before anything else.
   *
   * @throws UnreadableFile where there is none
   */
  public List<String> header() throws IOException, UnreadableFile {
    RowChunk chunk = new RowChunk();
    begin(chunk);
    while (chunk.rows() == 0 && chunk.bad().isEmpty() && step(chunk)) {
      continue;
    }
    if (chunk.rows() == 0) {
      throw new UnreadableFile(
          UnreadableFile.HEADER_MISMATCH,
          chunk.bad().isEmpty() ? "the file is empty" : chunk.bad().get(0).message());
    }
    return chunk.fields(0).stream().map(String::strip).toList();
  }

  /** Says how many fields a row must have; until then any number will do. */
  public void expectColumns(int count) {
    columns = count;
  }

  /**
   * Reads rows until the chunk is full or the file ends.
   *
   * @return false where the file has ended and the chunk is empty
   * @throws UnreadableFile where the file ends inside quotes or a record is too long
   */
  public boolean fill(RowChunk chunk) throws IOException, UnreadableFile {
    begin(chunk);
    while (chunk.length() < chunkBytes && chunk.bad().size() < MOST_BAD_ROWS && step(chunk)) {
      continue;
    }
    return chunk.rows() > 0 || !chunk.bad().isEmpty();
  }

  private void begin(RowChunk chunk) {
    chunk.clear();
    beginRecord(chunk);
  }

  private void beginRecord(RowChunk chunk) {
    recordBegin = chunk.length();
    recordLine = line;
    fields = 0;
    nul = false;
    beginField(chunk);
  }

  private void beginField(RowChunk chunk) {
    fieldBegin = chunk.length();
    quoted = false;
  }

  /** Reads to the end of one record; false where the file has ended. */
  private boolean step(RowChunk chunk) throws IOException, UnreadableFile {
    while (true) {
      if (at == limit) {
        if (chunk.length() - recordBegin > LONGEST_ROW_BYTES) {
          throw new UnreadableFile(
              UnreadableFile.ROW_TOO_LONG,
              "the record of line "
                  + recordLine
                  + " is longer than "
                  + LONGEST_ROW_BYTES
                  + " bytes"
                  + (inside ? "; is a quote not closed?" : ""));
        }
        at = 0;
        limit = Math.max(in.read(read), 0);
        if (limit == 0) {
          return end(chunk);
        }
      }
      if (afterQuote) {
        afterQuote = false;
        if (read[at] == quote) {
          chunk.add(quote);
          inside = true;
          at++;
          continue;
        }
      }
      int run = at;
      while (run < limit && !stops[read[run] & 0xff]) {
        run++;
      }
      if (run > at) {
        chunk.add(read, at, run - at);
        at = run;
        afterReturn = false;
        continue;
      }
      if (special(chunk, read[at++])) {
        return true;
      }
    }
  }

  /** Takes a byte that is not simply copied; true where it ended a record. */
  private boolean special(RowChunk chunk, byte b) {
    boolean second = b == '\n' && afterReturn;
    afterReturn = b == '\r';
    boolean lineEnd = b == '\n' || b == '\r';
    if (lineEnd && !second) {
      line++;
    }
    if (quoting && b == quote) {
      if (inside) {
        inside = false;
        afterQuote = true;
      } else {
        inside = true;
        quoted = true;
      }
      return false;
    }
    if (!inside && b == delimiter) {
      endField(chunk);
      chunk.add((byte) '\t');
      beginField(chunk);
      return false;
    }
    if (!inside && lineEnd) {
      return endRecord(chunk);
    }
    escape(chunk, b);
    return false;
  }

  private void escape(RowChunk chunk, byte b) {
    if (b == 0) {
      nul = true;
      return;
    }
    byte letter =
        switch (b) {
          case '\n' -> 'n';
          case '\r' -> 'r';
          case '\t' -> 't';
          default -> b;
        };
    if (letter != b || b == '\\') {
      chunk.add((byte) '\\');
    }
    chunk.add(letter);
  }

  private void endField(RowChunk chunk) {
    fields++;
    if (!quoted
        && chunk.length() - fieldBegin == nullText.length
        && Arrays.equals(chunk.bytes(), fieldBegin, chunk.length(), nullText, 0, nullText.length)) {
      chunk.cut(fieldBegin);
      chunk.add(NULL, 0, NULL.length);
    }
  }

  /** False where there was no record, only an empty line. */
  private boolean endRecord(RowChunk chunk) {
    if (chunk.length() == recordBegin && fields == 0 && !quoted && !nul) {
      recordLine = line;
      return false;
    }
    endField(chunk);
    BadRow bad = judge(chunk);
    if (bad == null) {
      chunk.add((byte) '\n');
      chunk.endRow(recordLine);
    } else {
      chunk.cut(recordBegin);
      chunk.bad().add(bad);
    }
    beginRecord(chunk);
    return true;
  }

  private @Nullable BadRow judge(RowChunk chunk) {
    if (nul) {
      return new BadRow(
          recordLine, BadRow.NUL_CHARACTER, "has the character U+0000, which cannot be stored");
    }
    if (!isText(chunk)) {
      return new BadRow(
          recordLine, BadRow.BAD_ENCODING, "has bytes that are no characters in this encoding");
    }
    if (columns != ANY_NUMBER && fields != columns) {
      return new BadRow(
          recordLine,
          BadRow.WRONG_COLUMNS,
          fields + (fields == 1 ? " field" : " fields") + ", expected " + columns);
    }
    return null;
  }

  private boolean isText(RowChunk chunk) {
    if (in.needsCheck()) {
      return Utf8.isValid(chunk.bytes(), recordBegin, chunk.length());
    }
    for (int i = recordBegin; i < chunk.length(); i++) {
      if (chunk.at(i) == Utf8Input.INVALID) {
        return false;
      }
    }
    return true;
  }

  private boolean end(RowChunk chunk) throws UnreadableFile {
    if (inside) {
      throw new UnreadableFile(
          UnreadableFile.UNTERMINATED_QUOTE,
          "the file ends inside the quotes of the record that begins on line " + recordLine);
    }
    if (chunk.length() > recordBegin || fields > 0 || quoted || nul) {
      endRecord(chunk);
    }
    return false;
  }

  private static byte[] escaped(String text) {
    return text.replace("\\", "\\\\").replace("\t", "\\t").getBytes(StandardCharsets.UTF_8);
  }
}
