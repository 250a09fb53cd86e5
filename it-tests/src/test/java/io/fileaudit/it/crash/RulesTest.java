package io.fileaudit.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.FileCounts;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.it.crash.Account.Look;
import io.fileaudit.it.crash.Attempt.Outcome;
import io.fileaudit.it.crash.Violation.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A small account in which all is well, and each rule turned red by one change of it. */
class RulesTest {
  private static final UUID BATCH = new UUID(1, 2);
  private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration IDLE = Duration.ofSeconds(3);

  private static final String STARTED = "{\"type\":\"STARTED\",\"file\":\"a\",\"position\":1}";
  private static final String COMPLETED =
      "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":7,\"bytes\":9,\"position\":2}";
  private static final String OTHER = "{\"type\":\"STARTED\",\"file\":\"b\",\"position\":3}";

  private final List<Attempt> attempts =
      new ArrayList<>(List.of(answered(accepted(2, 1L), line(1, STARTED), line(2, COMPLETED))));
  private final List<String> rows =
      new ArrayList<>(List.of(row(0, 1, STARTED), row(1, 2, COMPLETED)));
  private final List<Look> looks = new ArrayList<>();
  private final Set<String> deadLetters = new HashSet<>();
  private @Nullable List<Rules.Broken> broken;
  private @Nullable Instant now;
  private final List<Verdict> verdicts = new ArrayList<>();
  private BatchStatus status = BatchStatus.RUNNING;
  private @Nullable BatchStatus endedAs;
  private boolean abandoned;
  private @Nullable Instant healed = TIME;

  private static Line line(long position, String text) {
    return new Line("p:" + position, text);
  }

  private static Attempt answered(Ack ack, Line... lines) {
    return new Attempt(List.of(lines), Outcome.ANSWERED, ack, 0, 1, "", false, false);
  }

  private static Attempt without(Outcome outcome, Line... lines) {
    return new Attempt(List.of(lines), outcome, null, 0, 1, "409 {}", false, false);
  }

  private static Ack accepted(long many, long lastSeq) {
    return ack(many, lastSeq, List.of());
  }

  private static Ack ack(long accepted, long lastSeq, List<Refusal> refusals) {
    return new Ack(
        accepted,
        0,
        false,
        refusals.size(),
        refusals,
        0L,
        lastSeq,
        9,
        1,
        BatchStatus.RUNNING,
        1,
        null,
        null);
  }

  private static String row(long seq, long position, String event) {
    return "{\"event\":%s,\"id\":null,\"position\":%d,\"producer\":\"p\",\"recorded_at\":\"%s\",\"seq\":%d}"
        .formatted(event, position, TIME, seq);
  }

  private static String ending(long seq) {
    return "{\"event\":{\"type\":\"ENDED\"},\"id\":null,\"position\":null,\"producer\":null,\"recorded_at\":\"%s\",\"seq\":%d,\"verdict\":{}}"
        .formatted(TIME, seq);
  }

  private static Totals totals(long running, long completed, long rows, long bytes, long events) {
    FileCounts files = new FileCounts(5, 0, 0, running, completed, 0, 0);
    return new Totals(files, rows, 0, 0, bytes, events, 4);
  }

  private static Verdict timedOut(Instant lastActivity, Instant decided) {
    return new Verdict(
        BatchStatus.TIMED_OUT,
        null,
        VerdictReason.IDLE,
        LimitName.IDLE,
        IDLE,
        1,
        2,
        TIME,
        TIME,
        lastActivity,
        lastActivity,
        decided,
        "node",
        null,
        null,
        null);
  }

  private void ended(BatchStatus as) {
    rows.add(ending(rows.size()));
    status = as;
    Verdict verdict = timedOut(TIME, TIME.plus(IDLE));
    verdicts.add(
        new Verdict(
            as,
            null,
            verdict.reason(),
            null,
            as == BatchStatus.TIMED_OUT ? IDLE : null,
            1,
            2,
            TIME,
            TIME,
            TIME,
            TIME,
            verdict.decidedAt(),
            "node",
            null,
            null,
            null));
  }

  private List<Rule> broken() {
    Ledger ledger = Ledger.of(rows);
    Totals counted = ledger.recount(5);
    return brokenAt(new Look(status, counted, ledger));
  }

  private List<Rule> brokenAt(@Nullable Look last) {
    List<Violation> seen =
        looks.stream().flatMap(look -> Rules.violations(BATCH, look).stream()).toList();
    Account account =
        new Account(BATCH, abandoned, endedAs, attempts, looks.size(), seen, last, verdicts);
    Rules.Circumstances circumstances =
        new Rules.Circumstances(healed, broken, deadLetters, now, Rules.LATE);
    return Rules.judge(account, circumstances).violations().stream()
        .map(Violation::rule)
        .distinct()
        .toList();
  }

  @Test
  void nothingIsHeldAgainstAWholeAccount() {
    looks.add(new Look(BatchStatus.RUNNING, totals(1, 0, 0, 0, 1), Ledger.of(rows)));
    attempts.add(without(Outcome.UNKNOWN, line(3, OTHER)));
    attempts.add(without(Outcome.NOT_SENT, line(3, OTHER)));

    assertThat(broken()).isEmpty();
  }

  @Test
  void whatIsOfUnknownOutcomeMayBeStored() {
    attempts.add(without(Outcome.UNKNOWN, line(3, OTHER)));
    rows.add(row(2, 3, OTHER));

    assertThat(broken()).isEmpty();
  }

  @Test
  void acknowledgedAndNotStored() {
    rows.remove(1);
    attempts.set(0, answered(accepted(2, 0L), line(1, STARTED), line(2, COMPLETED)));

    assertThat(broken()).containsExactly(Rule.ACKNOWLEDGED_IS_STORED);
  }

  @Test
  void acknowledgedNumberNotThere() {
    attempts.set(0, answered(accepted(2, 2L), line(1, STARTED), line(2, COMPLETED)));

    assertThat(broken()).containsExactly(Rule.ACKNOWLEDGED_IS_STORED);
  }

  @Test
  void acknowledgedBatchNotThere() {
    assertThat(brokenAt(null)).containsExactly(Rule.ACKNOWLEDGED_IS_STORED);
  }

  @Test
  void badLineAcknowledged() {
    attempts.add(answered(accepted(1, 1L), new Line(null, "half")));

    assertThat(broken()).containsExactly(Rule.ACKNOWLEDGED_IS_STORED);
  }

  @ParameterizedTest
  @EnumSource(
      value = Outcome.class,
      names = {"NOT_SENT", "REFUSED"})
  void storedThoughItNeverCouldBe(Outcome outcome) {
    abandoned = true;
    healed = null;
    attempts.add(without(outcome, line(3, OTHER)));
    rows.add(row(2, 3, OTHER));

    assertThat(broken()).containsExactly(Rule.STORED_WAS_SENT);
  }

  @Test
  void refusedThoughItIsOpen() {
    attempts.add(without(Outcome.REFUSED, line(3, OTHER)));

    assertThat(broken()).containsExactly(Rule.TAKEN_WHILE_OPEN);
  }

  @Test
  void storedThoughItsLineWasRefused() {
    Refusal refusal = new Refusal(1, 422, "invalid-event", "no");
    attempts.add(answered(ack(0, 1L, List.of(refusal)), line(3, OTHER)));
    rows.add(row(2, 3, OTHER));

    assertThat(broken()).containsExactly(Rule.STORED_WAS_SENT);
  }

  @Test
  void storedOtherwiseThanSent() {
    rows.set(0, row(0, 1, STARTED.replace("\"a\"", "\"A\"")));

    assertThat(broken()).containsExactly(Rule.STORED_WAS_SENT);
  }

  @Test
  void storedTwice() {
    rows.add(row(2, 1, STARTED));

    assertThat(broken()).containsExactly(Rule.STORED_ONCE);
  }

  @Test
  void gapInTheNumbers() {
    rows.set(1, row(2, 2, COMPLETED));

    assertThat(broken()).containsExactly(Rule.NUMBERS_HAVE_NO_GAP);
  }

  @Test
  void totalsThatTheLedgerDoesNotBear() {
    looks.add(new Look(BatchStatus.RUNNING, totals(0, 1, 14, 9, 2), Ledger.of(rows)));

    assertThat(broken()).containsExactly(Rule.TOTALS_ARE_THOSE_OF_THE_LEDGER);
  }

  @Test
  void moreEventsShownThanThereAre() {
    assertThat(brokenAt(new Look(status, totals(0, 1, 7, 9, 3), Ledger.of(rows))))
        .containsExactly(Rule.TOTALS_ARE_THOSE_OF_THE_LEDGER);
  }

  @Test
  void secondEnding() {
    ended(BatchStatus.COMPLETED);
    ended(BatchStatus.FAILED);

    assertThat(broken()).contains(Rule.ONE_ENDING);
  }

  @Test
  void endingWithoutARow() {
    ended(BatchStatus.FAILED);
    rows.remove(2);

    assertThat(broken()).containsExactly(Rule.ONE_ENDING);
  }

  @Test
  void acknowledgedEndingGone() {
    endedAs = BatchStatus.COMPLETED;

    assertThat(broken()).containsExactly(Rule.ONE_ENDING);
  }

  @Test
  void acceptedAfterTheEnding() {
    ended(BatchStatus.FAILED);
    rows.add(row(3, 3, OTHER));
    attempts.add(answered(accepted(1, 3L), line(3, OTHER)));

    assertThat(broken()).containsExactly(Rule.NOTHING_AFTER_THE_ENDING);
  }

  @Test
  void completedWithAnUnfinishedFile() {
    attempts.add(answered(accepted(1, 2L), line(3, OTHER)));
    rows.add(row(2, 3, OTHER));
    ended(BatchStatus.COMPLETED);

    assertThat(broken()).containsExactly(Rule.COMPLETED_HIDES_NOTHING);
  }

  @Test
  void completedWithARefusedLine() {
    Refusal refusal = new Refusal(1, 422, "invalid-event", "no");
    attempts.add(answered(ack(0, 1L, List.of(refusal)), new Line(null, "half")));
    ended(BatchStatus.COMPLETED);

    assertThat(broken()).containsExactly(Rule.COMPLETED_HIDES_NOTHING);
  }

  @Test
  void verdictBeforeItsLimitByTheLastActivity() {
    ended(BatchStatus.TIMED_OUT);
    verdicts.set(0, timedOut(TIME.plusMillis(1), TIME.plus(IDLE)));

    assertThat(broken()).containsExactly(Rule.NO_VERDICT_BEFORE_ITS_LIMIT);
  }

  @Test
  void verdictBeforeItsLimitByTheLedger() {
    ended(BatchStatus.TIMED_OUT);
    verdicts.set(0, timedOut(TIME.minusSeconds(9), TIME.plusSeconds(1)));

    assertThat(broken()).containsExactly(Rule.NO_VERDICT_BEFORE_ITS_LIMIT);
  }

  @Test
  void abandonedAndNeverJudged() {
    abandoned = true;

    assertThat(broken()).containsExactly(Rule.ABANDONED_IS_JUDGED_IN_TIME);
    healed = null;
    assertThat(broken()).as("still broken").isEmpty();
  }

  @Test
  void abandonedAndJudgedLate() {
    abandoned = true;
    ended(BatchStatus.TIMED_OUT);
    assertThat(broken()).as("in time").isEmpty();
    verdicts.set(0, timedOut(TIME, TIME.plus(IDLE).plus(Rules.LATE).plusMillis(1)));

    assertThat(broken()).containsExactly(Rule.ABANDONED_IS_JUDGED_IN_TIME);
    healed = TIME.plusSeconds(1);
    assertThat(broken()).as("healed later").isEmpty();
  }

  /** A fault that began before the verdict was due gives the whole limit again when it is over. */
  @Test
  void abandonedAndJudgedLateThoughSomethingWasBroken() {
    abandoned = true;
    ended(BatchStatus.TIMED_OUT);
    broken =
        List.of(
            new Rules.Broken(TIME.plusSeconds(1), TIME.plusSeconds(10)),
            new Rules.Broken(TIME.plusSeconds(60), TIME.plusSeconds(90)));
    Instant latest = TIME.plusSeconds(10).plus(IDLE).plus(Rules.LATE);
    verdicts.set(0, timedOut(TIME, latest));
    assertThat(broken()).as("in time").isEmpty();
    verdicts.set(0, timedOut(TIME, latest.plusMillis(1)));

    assertThat(broken()).containsExactly(Rule.ABANDONED_IS_JUDGED_IN_TIME);
  }

  @Test
  void verdictOfTheFuture() {
    ended(BatchStatus.TIMED_OUT);
    now = TIME.plus(IDLE);
    assertThat(broken()).as("just now").isEmpty();
    now = TIME.plus(IDLE).minusMillis(1);

    assertThat(broken()).containsExactly(Rule.NO_VERDICT_BEFORE_ITS_LIMIT);
  }

  @Test
  void headOfOtherRows() {
    CompactRange one = CompactRange.EMPTY.with(leaf(rows.get(0)));
    attempts.set(0, headed(TreeHead.of(one)));
    assertThat(broken()).as("the head of the first row").isEmpty();
    attempts.set(0, headed(TreeHead.of(one.with(leaf(rows.get(0))))));

    assertThat(broken()).containsExactly(Rule.HEADS_ARE_OF_THE_LEDGER);
    attempts.set(0, headed(TreeHead.of(one.with(leaf(rows.get(1))).with(leaf(rows.get(1))))));
    assertThat(broken()).as("rows that are gone").containsExactly(Rule.HEADS_ARE_OF_THE_LEDGER);
  }

  private static Hash leaf(String row) {
    return Hash.leaf(row.getBytes(StandardCharsets.UTF_8));
  }

  private static Attempt headed(TreeHead head) {
    Ack ack = new Ack(2, 0, false, 0, List.of(), 0L, 1L, 9, 1, BatchStatus.RUNNING, 1, null, head);
    return answered(ack, line(1, STARTED), line(2, COMPLETED));
  }

  @Test
  void handedOverAndNotStored() {
    attempts.add(without(Outcome.HANDED_OVER, line(3, OTHER)));

    assertThat(broken()).containsExactly(Rule.ACKNOWLEDGED_IS_STORED);
  }

  @Test
  void handedOverToABatchThatTimedOut() {
    abandoned = true;
    ended(BatchStatus.TIMED_OUT);
    attempts.add(without(Outcome.HANDED_OVER, line(3, OTHER)));

    assertThat(broken()).containsExactly(Rule.REFUSED_RECORD_IS_KEPT);
    deadLetters.add(Rules.deadLetter("" + BATCH, OTHER));
    assertThat(broken()).as("a dead letter").isEmpty();
  }

  @Test
  void poisonThatIsNoDeadLetter() {
    attempts.add(without(Outcome.HANDED_OVER, new Line(null, "half")));

    assertThat(broken()).containsExactly(Rule.REFUSED_RECORD_IS_KEPT);
  }

  @Test
  void samePlaceOfALogTwice() {
    String kafka = row(2, 3, OTHER).replace("\"id\":null", "\"id\":\"i\"");
    rows.add(kafka);
    rows.add(kafka.replace("\"seq\":2", "\"seq\":3").replace("\"i\"", "\"j\""));
    attempts.add(without(Outcome.UNKNOWN, new Line("i", OTHER), new Line("j", OTHER)));

    assertThat(broken()).containsExactly(Rule.STORED_ONCE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a b b c", "a c b", "a b c d"})
  void feedThatTellsOtherwise(String told) {
    List<String> all = List.of("a", "b", "c");

    assertThat(Rules.feed(BATCH, List.of(told.split(" ")), all))
        .extracting(Violation::rule)
        .containsExactly(Rule.FEED_TELLS_ALL_ONCE);
    assertThat(Rules.feed(BATCH, all, all)).isEmpty();
  }

  @Test
  void sealOfAnotherLog() {
    List<String> log = List.of("a", "b");
    CompactRange one = CompactRange.EMPTY.with(leaf("a"));
    String seal = "origin\n1\n" + one.root().base64() + "\n\n— origin signature\n";
    assertThat(Rules.seals(List.of(seal), log)).isEmpty();

    assertThat(Rules.seals(List.of(seal), List.of("b", "a")))
        .extracting(Violation::rule)
        .containsExactly(Rule.SEALS_ARE_OF_THE_LOG);
    assertThat(Rules.seals(List.of(seal), List.of())).as("entries that are gone").hasSize(1);
  }
}
