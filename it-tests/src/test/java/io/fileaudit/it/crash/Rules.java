package io.fileaudit.it.crash;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.crash.Account.Look;
import io.fileaudit.it.crash.Violation.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Holds an account against what must hold whatever crashed: a pure function of its values. */
final class Rules {
  /** How late after its limit an abandoned batch may be judged, once all is healed. */
  static final Duration LATE = Duration.ofSeconds(5);

  private final Account account;
  private final Circumstances circumstances;
  private final List<Violation> violations = new ArrayList<>();
  private final Map<Rule, Long> checks = new EnumMap<>(Rule.class);

  /**
   * What an account is held against besides.
   *
   * @param healed from when on nothing was broken any more, by the store's clock; null where that
   *     cannot be said yet, so that no verdict can be late
   * @param broken when something was broken, in order, by the store's clock; null where that was
   *     not noted, so that nothing is said of verdicts before the end
   * @param deadLetters what a broker has of records that were refused, as {@link #deadLetter} says
   * @param now the store's clock after everything was read; null where it was not asked
   * @param late how late after its limit an abandoned batch may be judged, once all is healed
   */
  record Circumstances(
      @Nullable Instant healed,
      @Nullable List<Broken> broken,
      Set<String> deadLetters,
      @Nullable Instant now,
      Duration late) {
    static Circumstances healed(@Nullable Instant healed) {
      return new Circumstances(healed, null, Set.of(), null, LATE);
    }
  }

  /** A time in which something was broken, by the store's clock. */
  record Broken(Instant from, Instant to) {}

  /**
   * What came of holding an account against the rules.
   *
   * @param checks how often each rule was looked at
   */
  record Judgement(List<Violation> violations, Map<Rule, Long> checks) {}

  private Rules(Account account, Circumstances circumstances) {
    this.account = account;
    this.circumstances = circumstances;
  }

  /**
   * What the account violates.
   *
   * @param healed from when on nothing was broken any more, by the store's clock; null where that
   *     cannot be said yet, so that no verdict can be late
   */
  static List<Violation> violations(Account account, @Nullable Instant healed) {
    return judge(account, Circumstances.healed(healed)).violations();
  }

  /** What the account violates, and how much was looked at for that. */
  static Judgement judge(Account account, Circumstances circumstances) {
    Rules rules = new Rules(account, circumstances);
    rules.taken();
    Look last = account.last();
    if (last == null) {
      rules.add(Rule.ACKNOWLEDGED_IS_STORED, "its opening was acknowledged, and it is not there");
    } else {
      rules.events(last.ledger());
      rules.numbers(last.ledger());
      rules.heads(last.ledger());
      rules.totals(last);
      rules.checks.merge(Rule.TOTALS_ARE_THOSE_OF_THE_LEDGER, (long) account.looks(), Long::sum);
      rules.violations.addAll(account.seen());
      rules.ending(last);
      account.verdicts().forEach(verdict -> rules.limit(verdict, last.ledger()));
      rules.abandoned();
    }
    return new Judgement(List.copyOf(rules.violations), rules.checks);
  }

  /** What is wrong with a batch as it looks at one moment. */
  static List<Violation> violations(UUID batch, Look look) {
    Account account = new Account(batch, false, null, List.of(), 0, List.of(), look, List.of());
    Rules rules = new Rules(account, Circumstances.healed(null));
    rules.totals(look);
    return List.copyOf(rules.violations);
  }

  /**
   * What a reader of a feed missed, saw twice or saw in another order.
   *
   * @param batch of which the feed is; null for one of all
   * @param told what came, in order, over all its connections
   * @param all what there was to tell, in order
   */
  static List<Violation> feed(@Nullable UUID batch, List<String> told, List<String> all) {
    int same = 0;
    while (same < told.size() && same < all.size() && told.get(same).equals(all.get(same))) {
      same++;
    }
    if (same == all.size() && same == told.size()) {
      return List.of();
    }
    return List.of(
        new Violation(
            Rule.FEED_TELLS_ALL_ONCE,
            batch,
            "%d were told of %d; the one after %d was %s, expected %s"
                .formatted(told.size(), all.size(), same, at(told, same), at(all, same))));
  }

  /**
   * Which checkpoints say another size or root than the log's first entries have.
   *
   * @param notes the signed notes: origin, size and root, a line each, and what signs them
   * @param bodies the texts of the log's entries in the order of their numbers
   */
  static List<Violation> seals(List<String> notes, List<String> bodies) {
    List<String> roots = new ArrayList<>(List.of(CompactRange.EMPTY.root().base64()));
    CompactRange.Growing tree = CompactRange.EMPTY.grow();
    for (String body : bodies) {
      tree.add(Hash.leaf(body.getBytes(StandardCharsets.UTF_8)));
      roots.add(tree.range().root().base64());
    }
    List<Violation> violations = new ArrayList<>();
    for (String note : notes) {
      String[] lines = note.split("\n", 4);
      int size = Integer.parseInt(lines[1]);
      if (size >= roots.size() || !roots.get(size).equals(lines[2])) {
        violations.add(
            new Violation(
                Rule.SEALS_ARE_OF_THE_LOG,
                null,
                "signed " + size + " " + lines[2] + ", there are " + bodies.size() + " entries"));
      }
    }
    return violations;
  }

  private static String at(List<String> all, int place) {
    return place < all.size() ? all.get(place) : "none";
  }

  /** How a refused record is known among dead letters. */
  static String deadLetter(String key, String value) {
    return key + " " + value;
  }

  private void add(Rule rule, String detail) {
    violations.add(new Violation(rule, account.batch(), detail));
  }

  private void check(Rule rule, boolean holds, Supplier<String> detail) {
    checks.merge(rule, 1L, Long::sum);
    if (!holds) {
      add(rule, detail.get());
    }
  }

  /** Every request has a good line, so that only an ended batch refuses it whole. */
  private void taken() {
    for (Attempt attempt : account.attempts()) {
      boolean mayBe = account.abandoned() && attempt.said().startsWith("409 ");
      check(
          Rule.TAKEN_WHILE_OPEN,
          attempt.outcome() != Attempt.Outcome.REFUSED || mayBe,
          attempt::said);
    }
  }

  private void events(Ledger ledger) {
    Map<String, JsonNode> stored = new HashMap<>();
    List<String> keys = ledger.withoutDecisions().keys();
    List<JsonNode> events = ledger.withoutDecisions().events();
    for (int row = 0; row < keys.size(); row++) {
      String key = keys.get(row);
      check(
          Rule.STORED_ONCE,
          stored.put(key, events.get(row)) == null,
          () -> key + " is there twice");
    }
    List<String> places = ledger.withoutDecisions().places();
    check(
        Rule.STORED_ONCE,
        new HashSet<>(places).size() == places.size(),
        () -> "a position is there twice");
    Map<String, JsonNode> sent = new HashMap<>();
    for (Attempt attempt : account.attempts()) {
      attempt.acknowledged().forEach(line -> acknowledged(line, stored));
      attempt.handedOver().forEach(line -> handedOver(line, stored));
      Stream.of(attempt.acknowledged(), attempt.unknown(), attempt.handedOver())
          .flatMap(List::stream)
          .filter(line -> line.key() != null)
          .forEach(line -> sent.put(line.key(), AuditJson.lenient().readTree(line.text())));
    }
    stored.forEach(
        (key, event) ->
            check(
                Rule.STORED_WAS_SENT,
                event.equals(sent.get(key)),
                () -> key + " is stored as " + event + ", sent: " + sent.get(key)));
  }

  private void acknowledged(Line line, Map<String, JsonNode> stored) {
    check(
        Rule.ACKNOWLEDGED_IS_STORED,
        line.key() != null && stored.containsKey(line.key()),
        () -> "acknowledged and not there: " + line);
  }

  /** What was not to be accepted, or came when the batch had timed out, is a dead letter. */
  private void handedOver(Line line, Map<String, JsonNode> stored) {
    if (line.key() != null && stored.containsKey(line.key())) {
      check(Rule.ACKNOWLEDGED_IS_STORED, true, line::text);
    } else if (line.key() != null && !account.abandoned()) {
      check(Rule.ACKNOWLEDGED_IS_STORED, false, () -> "handed over and not there: " + line);
    } else {
      check(
          Rule.REFUSED_RECORD_IS_KEPT,
          circumstances.deadLetters().contains(deadLetter("" + account.batch(), line.text())),
          () -> "neither stored nor a dead letter: " + line);
    }
  }

  /** Sizes and roots that were acknowledged are those of as many rows, word for word. */
  private void heads(Ledger ledger) {
    List<TreeHead> heads =
        account.attempts().stream()
            .map(Attempt::ack)
            .filter(ack -> ack != null && ack.tree() != null)
            .map(Ack::tree)
            .toList();
    Set<Long> sizes = heads.stream().map(TreeHead::size).collect(Collectors.toSet());
    Map<Long, String> roots = new HashMap<>();
    CompactRange.Growing tree = CompactRange.EMPTY.grow();
    for (int row = 0; row < ledger.size(); row++) {
      tree.add(Hash.leaf(ledger.texts().get(row).getBytes(StandardCharsets.UTF_8)));
      if (sizes.contains(row + 1L)) {
        roots.put(row + 1L, tree.range().root().base64());
      }
    }
    for (TreeHead head : heads) {
      check(
          Rule.HEADS_ARE_OF_THE_LEDGER,
          head.root().equals(roots.get(head.size())),
          () -> "acknowledged " + head + ", counted anew " + roots.get(head.size()));
    }
  }

  private void numbers(Ledger ledger) {
    List<Long> numbers = ledger.numbers();
    check(
        Rule.NUMBERS_HAVE_NO_GAP,
        numbers.equals(Ledger.countFromZero(numbers.size())),
        numbers::toString);
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
    check(
        Rule.TOTALS_ARE_THOSE_OF_THE_LEDGER,
        counted.equals(Ledger.withoutRefusals(shown)),
        () -> "shown " + shown + ", counted " + counted);
  }

  private void ending(Look last) {
    Ledger endings = last.ledger().decisions();
    List<BatchStatus> verdicts = account.verdicts().stream().map(Verdict::status).toList();
    List<BatchStatus> expected = last.status().isOpen() ? List.of() : List.of(last.status());
    check(
        Rule.ONE_ENDING,
        endings.size() == expected.size() && verdicts.equals(expected),
        () -> last.status() + ", verdicts " + verdicts + ", in the ledger " + endings.texts());
    check(
        Rule.ONE_ENDING,
        account.endedAs() == null || account.endedAs() == last.status(),
        () -> "acknowledged " + account.endedAs() + ", is " + last.status());
    check(
        Rule.NOTHING_AFTER_THE_ENDING,
        endings.size() == 0 || endings.numbers().get(0) == last.ledger().size() - 1,
        () -> "ended in row " + endings.numbers());
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
      attempt.handedOver().stream()
          .filter(line -> line.key() == null)
          .forEach(line -> refused.add(line.text()));
    }
    Totals counted = last.ledger().recount(0);
    check(
        Rule.COMPLETED_HIDES_NOTHING,
        counted.files().failed() == 0 && counted.files().running() == 0 && refused.isEmpty(),
        () -> counted + ", refused " + refused);
  }

  private void limit(Verdict verdict, Ledger ledger) {
    if (verdict.status() != BatchStatus.TIMED_OUT) {
      return;
    }
    Instant heard = latest(verdict.lastActivityAt(), ledger.withoutDecisions().times());
    Duration after = Objects.requireNonNullElse(verdict.after(), Duration.ZERO);
    check(
        Rule.NO_VERDICT_BEFORE_ITS_LIMIT,
        heard != null && !verdict.decidedAt().isBefore(heard.plus(after)),
        () -> "last heard " + heard + ", " + verdict);
    Instant now = circumstances.now();
    check(
        Rule.NO_VERDICT_BEFORE_ITS_LIMIT,
        now == null || !verdict.decidedAt().isAfter(now),
        () -> "decided in the future, it is " + now + ": " + verdict);
  }

  private static @Nullable Instant latest(@Nullable Instant one, List<Instant> others) {
    return Stream.concat(Stream.ofNullable(one), others.stream())
        .max(Instant::compareTo)
        .orElse(null);
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private void abandoned() {
    Instant healed = circumstances.healed();
    if (!account.abandoned() || healed == null) {
      return;
    }
    if (account.verdicts().isEmpty()) {
      add(Rule.ABANDONED_IS_JUDGED_IN_TIME, "not judged at all");
      return;
    }
    Verdict verdict = account.verdicts().get(0);
    Duration after = Objects.requireNonNullElse(verdict.after(), Duration.ZERO);
    Instant latest = latest(verdict, after, healed).plus(circumstances.late());
    check(
        Rule.ABANDONED_IS_JUDGED_IN_TIME,
        !verdict.decidedAt().isAfter(latest),
        () -> "was to be judged until " + latest + ", healed at " + healed + ", " + verdict);
  }

  /**
   * When its limit is over at the latest: whatever is broken before its verdict gives it the whole
   * limit again from its healing.
   */
  private Instant latest(Verdict verdict, Duration after, Instant healed) {
    Instant heard = Objects.requireNonNullElse(verdict.lastActivityAt(), Instant.MIN);
    if (circumstances.broken() == null) {
      return later(heard, healed).plus(after);
    }
    Instant latest = later(heard, verdict.openedAt()).plus(after);
    for (Broken broken : circumstances.broken()) {
      if (!broken.from().isAfter(latest.plus(circumstances.late()))) {
        latest = later(latest, broken.to().plus(after));
      }
    }
    return latest;
  }
}
