package io.fileaudit.it.crash.proxy;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells by the messages that a client sends to PostgreSQL where its transaction stands. It knows
 * statements by what they do, however they are worded: simple or prepared, alone or several in one,
 * by COPY or by INSERT. Serves one connection; not thread-safe.
 */
final class TransactionReader {
  private static final Pattern WRITES_LEDGER =
      pattern("\\b(?:COPY|INSERT\\s+INTO)\\s+(?:\"?\\w+\"?\\.)?\"?ledger\"?(?![\\w\"])");
  private static final Pattern COMMITS = pattern("(?:^|;)\\s*(?:COMMIT|END)\\b");
  private static final Pattern BEGINS_OR_ROLLS_BACK =
      pattern("(?:^|;)\\s*(?:BEGIN|START\\s+TRANSACTION|ROLLBACK|ABORT)\\b");

  /** What the row of such a verdict has in it, and no event of the crash tests. */
  private static final String VERDICT = "TIMED_OUT";

  private final Map<String, String> prepared = new HashMap<>();
  private boolean ledgerWritten;
  private boolean verdictWritten;

  private static Pattern pattern(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
  }

  /**
   * The points at which the transaction stands while this message, the next one, is not sent on;
   * {@link Point#AFTER_THE_COMMIT} where it stands there once the message is sent and its answer is
   * not.
   *
   * @param type of the frontend message
   * @param content the message behind its length
   */
  Set<Point> before(char type, byte[] content) {
    switch (type) {
      case 'Q':
        return statement(text(content, 0));
      case 'P':
        String name = text(content, 0);
        prepared.put(name, text(content, name.length() + 1));
        return Set.of();
      case 'B':
        Set<Point> points = statement(bound(content));
        lookForVerdict(content);
        return points;
      case 'd':
        lookForVerdict(content);
        return Set.of();
      default:
        return Set.of();
    }
  }

  private String bound(byte[] content) {
    String portal = text(content, 0);
    return prepared.getOrDefault(text(content, portal.length() + 1), "");
  }

  private Set<Point> statement(String sql) {
    if (BEGINS_OR_ROLLS_BACK.matcher(sql).find()) {
      forget();
    }
    Set<Point> points = EnumSet.noneOf(Point.class);
    if (WRITES_LEDGER.matcher(sql).find()) {
      ledgerWritten = true;
      points.add(Point.BEFORE_THE_LEDGER);
    }
    if (COMMITS.matcher(sql).find()) {
      if (ledgerWritten && verdictWritten) {
        points.add(Point.BEFORE_A_VERDICTS_COMMIT);
      } else if (ledgerWritten) {
        points.add(Point.BEFORE_THE_COMMIT);
        points.add(Point.AFTER_THE_COMMIT);
      }
      forget();
    }
    return points;
  }

  private void forget() {
    ledgerWritten = false;
    verdictWritten = false;
  }

  private void lookForVerdict(byte[] content) {
    verdictWritten |=
        ledgerWritten && new String(content, StandardCharsets.ISO_8859_1).contains(VERDICT);
  }

  /** The text that begins there and ends with a zero byte. */
  private static String text(byte[] content, int from) {
    int end = from;
    while (end < content.length && content[end] != 0) {
      end++;
    }
    return new String(content, from, end - from, StandardCharsets.ISO_8859_1);
  }
}
