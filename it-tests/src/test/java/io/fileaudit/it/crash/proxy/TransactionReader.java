package io.fileaudit.it.crash.proxy;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Tells by the messages that a client sends to PostgreSQL where its transaction stands. It knows
 * statements by what they do, however they are worded: simple or prepared, alone or several in one,
 * by COPY or by INSERT. Serves one connection; not thread-safe.
 */
final class TransactionReader {
  private static final Pattern WRITES_LEDGER =
      pattern("\\b(?:COPY|INSERT\\s+INTO)\\s+(?:\"?\\w+\"?\\.)?\"?ledger\"?(?![\\w\"])");
  private static final Pattern WRITES_CHECKPOINT =
      pattern("\\bINSERT\\s+INTO\\s+(?:\"?\\w+\"?\\.)?\"?checkpoint\"?(?![\\w\"])");
  private static final Pattern COMMITS = pattern("(?:^|;)\\s*(?:COMMIT|END)\\b");
  private static final Pattern BEGINS_OR_ROLLS_BACK =
      pattern("(?:^|;)\\s*(?:BEGIN|START\\s+TRANSACTION|ROLLBACK|ABORT)\\b");

  /** What the row of such a verdict has in it, and no event of the crash tests. */
  private static final String VERDICT = "TIMED_OUT";

  /** How the row of such a verdict names its batch. */
  private static final Pattern JUDGED = pattern("\"batch\":\"([0-9a-f-]{36})\"");

  /** How the row of a record of Kafka names its producer, as no loader by HTTP does. */
  private static final String OF_KAFKA = "\"producer\":\"kafka:";

  private final Map<String, String> prepared = new HashMap<>();
  private boolean ledgerWritten;
  private boolean verdictWritten;
  private boolean recordWritten;
  private boolean checkpointWritten;
  private Set<UUID> judging = new HashSet<>();
  private Set<UUID> judged = Set.of();

  private static Pattern pattern(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
  }

  /**
   * The points at which the transaction stands while this message, the next one, is not sent on;
   * {@link Point#AFTER_THE_COMMIT} and {@link Point#BEFORE_THE_OFFSET_IS_STORED} where it stands
   * there once the message is sent and its answer is not.
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
        look(content);
        return points;
      case 'd':
        look(content);
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
    checkpointWritten |= WRITES_CHECKPOINT.matcher(sql).find();
    if (COMMITS.matcher(sql).find()) {
      points.addAll(atTheCommit());
      judged = judging;
      forget();
    }
    return points;
  }

  private Set<Point> atTheCommit() {
    if (checkpointWritten) {
      return Set.of(Point.BEFORE_A_SEALS_COMMIT);
    }
    if (!ledgerWritten) {
      return Set.of();
    }
    if (verdictWritten) {
      return Set.of(Point.BEFORE_A_VERDICTS_COMMIT);
    }
    Set<Point> points =
        EnumSet.of(Point.BEFORE_THE_COMMIT, Point.AFTER_THE_COMMIT, Point.IN_ITS_SHUTDOWN);
    if (recordWritten) {
      points.add(Point.BEFORE_THE_OFFSET_IS_STORED);
    }
    return points;
  }

  /** The batches to which the transaction gave a verdict that was last about to commit. */
  Set<UUID> judged() {
    return judged;
  }

  private void forget() {
    ledgerWritten = false;
    verdictWritten = false;
    recordWritten = false;
    checkpointWritten = false;
    judging = new HashSet<>();
  }

  private void look(byte[] content) {
    if (!ledgerWritten) {
      return;
    }
    String text = new String(content, StandardCharsets.ISO_8859_1);
    recordWritten |= text.contains(OF_KAFKA);
    if (text.contains(VERDICT)) {
      verdictWritten = true;
      JUDGED
          .matcher(text)
          .results()
          .map(found -> UUID.fromString(found.group(1)))
          .forEach(judging::add);
    }
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
