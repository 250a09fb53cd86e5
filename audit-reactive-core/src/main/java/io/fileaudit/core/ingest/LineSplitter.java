package io.fileaudit.core.ingest;

import io.fileaudit.core.ledger.Line;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts a byte stream into lines and reads each, with a bound on what one line may hold: a line that
 * is too long is passed over and refused, its neighbours are not touched. Lines end with LF or
 * CRLF; empty lines are passed over but counted. Not thread-safe; one per request.
 */
public final class LineSplitter {
  private final EventReader reader = new EventReader();
  private byte[] begun = new byte[1024];
  private int begunLength;
  private boolean overlong;
  private long number;

  /** Takes the next bytes of the stream and gives the lines that are now complete. */
  public List<Line> feed(byte[] bytes) {
    List<Line> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        if (begunLength == 0 && !overlong) {
          line(bytes, from, i - from, lines);
        } else {
          keep(bytes, from, i - from);
          finishBegun(lines);
        }
        from = i + 1;
      }
    }
    keep(bytes, from, bytes.length - from);
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

  private void keep(byte[] bytes, int from, int count) {
    int room = EventReader.MAX_LINE_BYTES + 1 - begunLength;
    int kept = Math.min(count, room);
    overlong |= count > room;
    if (begun.length < begunLength + kept) {
      begun = Arrays.copyOf(begun, Math.max(begun.length * 2, begunLength + kept));
    }
    System.arraycopy(bytes, from, begun, begunLength, kept);
    begunLength += kept;
  }

  private void finishBegun(List<Line> lines) {
    if (overlong) {
      number++;
      lines.add(EventReader.tooLong(number, begun, 0, begunLength));
    } else {
      line(begun, 0, begunLength, lines);
    }
    begunLength = 0;
    overlong = false;
  }

  private void line(byte[] bytes, int from, int length, List<Line> lines) {
    number++;
    int end = from + length;
    if (end > from && bytes[end - 1] == '\r') {
      end--;
    }
    if (number == 1
        && end - from >= 3
        && bytes[from] == (byte) 0xef
        && bytes[from + 1] == (byte) 0xbb
        && bytes[from + 2] == (byte) 0xbf) {
      from += 3;
    }
    for (int i = from; i < end; i++) {
      if (bytes[i] != ' ' && bytes[i] != '\t') {
        lines.add(reader.read(number, bytes, from, end - from));
        return;
      }
    }
  }
}
