package io.fileaudit.it.bench;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;

/**
 * Made-up events of a load: ten to a file (STARTED, eight times PROGRESS, COMPLETED with its
 * checksum), eight files at a time, each with a position. Event n is the same whoever asks.
 */
final class Workload {
  static final int EVENTS_OF_A_FILE = 10;
  private static final int AT_ONCE = 8;
  private static final int GROUP = EVENTS_OF_A_FILE * AT_ONCE;
  private static final int ROWS_OF_A_REPORT = 75_000;
  private static final int BYTES_OF_A_ROW = 21;

  /** Never a whole second, which is written without a fraction. */
  private static final Instant BEGINNING = Instant.parse("2026-11-23T14:00:00.0005Z");

  private Workload() {}

  /** NDJSON lines of the events from that number on, up to but without the other. */
  static byte[] lines(long from, long to) {
    StringBuilder text = new StringBuilder(160 * (int) (to - from));
    for (long n = from; n < to; n++) {
      line(n, text);
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static void line(long n, StringBuilder text) {
    int step = (int) (n % GROUP) / AT_ONCE;
    long file = n / GROUP * AT_ONCE + n % AT_ONCE;
    String type = step == 0 ? "STARTED" : step == EVENTS_OF_A_FILE - 1 ? "COMPLETED" : "PROGRESS";
    text.append("{\"type\":\"").append(type).append("\",\"file\":\"").append(file(file));
    text.append("\",\"at\":\"").append(BEGINNING.plusMillis(n)).append('"');
    if (step > 0) {
      long rows = (long) step * ROWS_OF_A_REPORT;
      text.append(",\"rows\":").append(rows).append(",\"bytes\":").append(rows * BYTES_OF_A_ROW);
    }
    if (step == EVENTS_OF_A_FILE - 1) {
      text.append(",\"checksum\":\"sha256:");
      text.append(HexFormat.of().toHexDigits(file * 0x9e3779b97f4a7c15L).repeat(4)).append('"');
    }
    text.append(",\"position\":").append(n + 1).append("}\n");
  }

  /** The name of the n-th file. */
  static String file(long n) {
    return "landing/2026-11/part-%08d.csv.gz".formatted(n);
  }
}
