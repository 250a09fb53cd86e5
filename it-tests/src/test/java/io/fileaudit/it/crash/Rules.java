package io.fileaudit.it.crash;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.crash.Account.Look;
import io.fileaudit.it.crash.Violation.Rule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Holds an account against what must hold whatever crashed: a pure function of its values. */
final class Rules {
  /** How late after its limit an abandoned batch may be judged, once all is healed. */
  static final Duration LATE = Duration.ofSeconds(5);

  private final Account account;
  private final @Nullable Instant healed;
  private final List<Violation> violations = new ArrayList<>();

  private Rules(Account account, @Nullable Instant healed) {
    this.account = account;
    this.healed = healed;
  }

  /**
   * What the account violates.
   *
   * @param healed from when on nothing was broken any more, by the store's clock; null where that
   *     cannot be said yet, so that no verdict can be late
   */
  static List<Violation> violations(Account account, @Nullable Instant healed) {
    Rules rules = new Rules(account, healed);
    rules.taken();
    Look last = account.last();
    if (last == null) {
      rules.add(Rule.ACKNOWLEDGED_IS_STORED, "its opening was acknowledged, and it is not there");
    } else {
      rules.events(last.ledger());
      rules.numbers(last.ledger());
      Stream.concat(account.looks().stream(), Stream.of(last)).forEach(rules::totals);
      rules.ending(last);
      account.verdicts().forEach(verdict -> rules.limit(verdict, last.ledger()));
      rules.abandoned();
    }
    return List.copyOf(rules.violations);
  }

  private void add(Rule rule, String detail) {
    violations.add(new Violation(rule, account.batch(), detail));
  }

  /** Every request has a good line, so that only an ended batch refuses it whole. */
  private void taken() {
    for (Attempt attempt : account.attempts()) {
      boolean mayBe = account.abandoned() && attempt.said().startsWith("409 ");
      if (attempt.outcome() == Attempt.Outcome.REFUSED && !mayBe) {
        add(Rule.TAKEN_WHILE_OPEN, attempt.said());
      }
    }
  }

  private void events(Ledger ledger) {
    Map<String, JsonNode> stored = new HashMap<>();
    List<String> keys = ledger.withoutDecisions().keys();
    List<JsonNode> events = ledger.withoutDecisions().events();
    for (int row = 0; row < keys.size(); row++) {
      if (stored.put(keys.get(row), events.get(row)) != null) {
        add(Rule.STORED_ONCE, keys.get(row) + " is there twice");
      }
    }
    Map<String, JsonNode> sent = new HashMap<>();
    for (Attempt attempt : account.attempts()) {
      attempt.acknowledged().forEach(line -> acknowledged(line, stored));
      Stream.concat(attempt.acknowledged().stream(), attempt.unknown().stream())
          .filter(line -> line.key() != null)
          .forEach(line -> sent.put(line.key(), AuditJson.lenient().readTree(line.text())));
    }
    stored.forEach(
        (key, event) -> {
          if (!event.equals(sent.get(key))) {
            add(Rule.STORED_WAS_SENT, key + " is stored as " + event + ", sent: " + sent.get(key));
          }
        });
  }

  private void acknowledged(Line line, Map<String, JsonNode> stored) {
    if (line.key() == null || !stored.containsKey(line.key())) {
      add(Rule.ACKNOWLEDGED_IS_STORED, "acknowledged and not there: " + line);
    }
  }

  private void numbers(Ledger ledger) {
    List<Long> numbers = ledger.numbers();
    if (!numbers.equals(Ledger.countFromZero(numbers.size()))) {
      add(Rule.NUMBERS_HAVE_NO_GAP, numbers.toString());
    }
    for (Attempt attempt : account.attempts()) {
      if (attempt.ack() != null
          && attempt.ack().lastSeq() != null
          && attempt.ack().lastSeq() >= numbers.size()) {
        add(Rule.ACKNOWLEDGED_IS_STORED, "row " + attempt.ack().lastSeq() + " is not there");
      }
    }
  }

  /** Rows are only added, so that the figures of any moment are those of the first rows. */
  private void totals(Look look) {
    Totals shown = look.totals();
    Ledger events = look.ledger().withoutDecisions();
    Totals counted = events.first(shown.events()).recount(shown.files().expected());
    if (!counted.equals(Ledger.withoutRefusals(shown))) {
      add(Rule.TOTALS_ARE_THOSE_OF_THE_LEDGER, "shown " + shown + ", counted " + counted);
    }
  }

  private void ending(Look last) {
    Ledger endings = last.ledger().decisions();
    List<BatchStatus> verdicts = account.verdicts().stream().map(Verdict::status).toList();
    List<BatchStatus> expected = last.status().isOpen() ? List.of() : List.of(last.status());
    if (endings.size() != expected.size() || !verdicts.equals(expected)) {
      add(
          Rule.ONE_ENDING,
          last.status() + ", verdicts " + verdicts + ", in the ledger " + endings.texts());
    }
    if (account.endedAs() != null && account.endedAs() != last.status()) {
      add(Rule.ONE_ENDING, "acknowledged " + account.endedAs() + ", is " + last.status());
    }
    if (endings.size() > 0 && endings.numbers().get(0) != last.ledger().size() - 1) {
      add(Rule.NOTHING_AFTER_THE_ENDING, "ended in row " + endings.numbers());
    }
    if (last.status() == BatchStatus.COMPLETED) {
      hidesNothing(last);
    }
  }

  private void hidesNothing(Look last) {
    Set<String> refused = new HashSet<>();
    for (Attempt attempt : account.attempts()) {
      if (attempt.ack() != null) {
        attempt.ack().refusals().stream()
            .filter(refusal -> refusal.status() != 409)
            .forEach(refusal -> refused.add(refusal.detail()));
      }
    }
    Totals counted = last.ledger().recount(0);
    if (counted.files().failed() > 0 || counted.files().running() > 0 || !refused.isEmpty()) {
      add(Rule.COMPLETED_HIDES_NOTHING, counted + ", refused " + refused);
    }
  }

  private void limit(Verdict verdict, Ledger ledger) {
    if (verdict.status() != BatchStatus.TIMED_OUT) {
      return;
    }
    Instant heard = latest(verdict.lastActivityAt(), ledger.withoutDecisions().times());
    Duration after = Objects.requireNonNullElse(verdict.after(), Duration.ZERO);
    if (heard == null || verdict.decidedAt().isBefore(heard.plus(after))) {
      add(Rule.NO_VERDICT_BEFORE_ITS_LIMIT, "last heard " + heard + ", " + verdict);
    }
  }

  private static @Nullable Instant latest(@Nullable Instant one, List<Instant> others) {
    return Stream.concat(Stream.ofNullable(one), others.stream())
        .max(Instant::compareTo)
        .orElse(null);
  }

  private void abandoned() {
    if (!account.abandoned() || healed == null) {
      return;
    }
    if (account.verdicts().isEmpty()) {
      add(Rule.ABANDONED_IS_JUDGED_IN_TIME, "not judged at all");
      return;
    }
    Verdict verdict = account.verdicts().get(0);
    Instant from = latest(verdict.lastActivityAt(), List.of(healed));
    Duration after = Objects.requireNonNullElse(verdict.after(), Duration.ZERO);
    if (from != null && verdict.decidedAt().isAfter(from.plus(after).plus(LATE))) {
      add(Rule.ABANDONED_IS_JUDGED_IN_TIME, "healed at " + healed + ", " + verdict);
    }
  }
}
