package io.fileaudit.core.ingest;

import io.fileaudit.core.ledger.Line;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts a byte stream into lines and reads each, with a bound on what one line may hold: a line that
 * is too long is passed over and refused, its neighbours are not touched. Lines end with LF or
 * CRLF. Blank lines are passed over however long they are, but counted; a byte order mark at the
 * beginning belongs to no line. Not thread-safe; one per request.
 */
public final class LineSplitter {
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  /** What a line that is read may take: its text, the CR of its end, and a byte order mark. */
  public static final int MAX_BYTES = EventReader.MAX_LINE_BYTES + 1 + BYTE_ORDER_MARK.length;

  private final EventReader reader;
  private byte[] begun = new byte[1024];
  private int begunLength;
  private boolean overlong;
  private boolean droppedText;
  private boolean droppedCarriageReturn;
  private long number;

  /** Cuts lines that may be plain events or CloudEvents. */
  public LineSplitter() {
    this(false);
  }

  /** The same, where plain events may be refused. */
  LineSplitter(boolean onlyCloudEvents) {
    reader = new EventReader(onlyCloudEvents);
  }

  /** Takes the next bytes of the stream and gives the lines that are now complete. */
  public List<Line> feed(byte[] bytes) {
    List<Line> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        if (begunLength == 0) {
          line(bytes, from, i, false, lines);
        } else {
          keep(bytes, from, i);
          finishBegun(lines);
        }
        from = i + 1;
      }
    }
    keep(bytes, from, bytes.length);
    return lines;
  }

  /** Ends the stream: what stands after the last line end is a line as well. */
  public List<Line> end() {
    List<Line> lines = new ArrayList<>();
    if (begunLength > 0) {
      finishBegun(lines);
    }
    return lines;
  }

  private void keep(byte[] bytes, int from, int end) {
    int kept = Math.min(end - from, MAX_BYTES - begunLength);
    if (begun.length < begunLength + kept) {
      begun = Arrays.copyOf(begun, Math.max(begun.length * 2, begunLength + kept));
    }
    System.arraycopy(bytes, from, begun, begunLength, kept);
    begunLength += kept;
    for (int i = from + kept; i < end; i++) {
      drop(bytes[i]);
    }
  }

  /** Passes over a byte of an overlong line; a CR says something unless the line ends with it. */
  private void drop(byte b) {
    overlong = true;
    droppedText |= droppedCarriageReturn || (!isBlank(b) && b != '\r');
    droppedCarriageReturn = b == '\r';
  }

  private void finishBegun(List<Line> lines) {
    line(begun, 0, begunLength, overlong, lines);
    begunLength = 0;
    overlong = false;
    droppedText = false;
    droppedCarriageReturn = false;
  }

  private void line(byte[] bytes, int from, int end, boolean cut, List<Line> lines) {
    number++;
    int last = !cut && end > from && bytes[end - 1] == '\r' ? end - 1 : end;
    int first = number == 1 && isMarked(bytes, from, last) ? from + BYTE_ORDER_MARK.length : from;
    if (droppedText || !isBlank(bytes, first, last)) {
      lines.add(
          cut
              ? EventReader.tooLong(number, bytes, first, last - first)
              : reader.read(number, bytes, first, last - first));
    }
  }

  private static boolean isMarked(byte[] bytes, int from, int end) {
    int length = BYTE_ORDER_MARK.length;
    return end - from >= length
        && Arrays.equals(bytes, from, from + length, BYTE_ORDER_MARK, 0, length);
  }

  private static boolean isBlank(byte[] bytes, int from, int end) {
    for (int i = from; i < end; i++) {
      if (!isBlank(bytes[i])) {
        return false;
      }
    }
    return true;
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }
}
