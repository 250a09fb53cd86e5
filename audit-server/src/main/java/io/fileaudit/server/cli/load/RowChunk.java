package io.fileaudit.server.cli.load;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Some rows of a file in the text format of PostgreSQL's COPY, and those between them that cannot
 * be sent. It is filled, used and filled again; not thread-safe.
 */
public final class RowChunk {
  private byte[] bytes = new byte[64 * 1024];
  private int length;
  private int[] ends = new int[1024];
  private long[] lines = new long[1024];
  private int rows;
  private final List<BadRow> bad = new ArrayList<>();

  /** The rows, one behind the other. */
  public byte[] bytes() {
    return bytes;
  }

  /** How many rows can be sent. */
  public int rows() {
    return rows;
  }

  /** Where a row begins in {@link #bytes()}; of the number of rows, where they end. */
  public int begin(int row) {
    return row == 0 ? 0 : ends[row - 1];
  }

  /** The line of the file that a row begins on. */
  public long line(int row) {
    return lines[row];
  }

  /** The fields of a row as they were read; one that is NULL is empty. */
  List<String> fields(int row) {
    String text = new String(bytes, begin(row), ends[row] - 1 - begin(row), StandardCharsets.UTF_8);
    List<String> fields = new ArrayList<>();
    for (String field : text.split("\t", -1)) {
      fields.add(field.equals("\\N") ? "" : unescaped(field));
    }
    return fields;
  }

  private static String unescaped(String field) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\' && i + 1 < field.length()) {
        char letter = field.charAt(++i);
        text.append(letter == 'n' ? '\n' : letter == 'r' ? '\r' : letter == 't' ? '\t' : letter);
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  /** Rows that were read and cannot be sent, in the order of their lines. */
  public List<BadRow> bad() {
    return bad;
  }

  void clear() {
    length = 0;
    rows = 0;
    bad.clear();
  }

  int length() {
    return length;
  }

  byte at(int index) {
    return bytes[index];
  }

  void add(byte b) {
    room(1);
    bytes[length++] = b;
  }

  void add(byte[] from, int offset, int count) {
    room(count);
    System.arraycopy(from, offset, bytes, length, count);
    length += count;
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  /** Drops what was added behind that length. */
  void cut(int to) {
    length = to;
  }

  void endRow(long line) {
    if (rows == ends.length) {
      ends = Arrays.copyOf(ends, rows * 2);
      lines = Arrays.copyOf(lines, rows * 2);
    }
    ends[rows] = length;
    lines[rows++] = line;
  }
}
