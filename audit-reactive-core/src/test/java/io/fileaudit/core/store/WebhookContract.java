package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.CANCELLED;
import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Flag;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitAction;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.hook.DeliveryState;
import io.fileaudit.api.hook.Webhook;
import io.fileaudit.api.hook.WebhookDelivery;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.table.NewExpectation;
import io.fileaudit.api.table.TableExpectation;
import io.fileaudit.core.batch.BatchChange;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.store.WebhookStore.Claimed;
import io.fileaudit.core.store.WebhookStore.Put;
import io.fileaudit.core.store.WebhookStore.Share;
import io.fileaudit.core.store.WebhookStore.Tried;
import io.fileaudit.core.store.WebhookStore.Wanted;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** What every store of webhooks does. */
public abstract class WebhookContract implements StoreContract {
  private static final Duration LEASE = Duration.ofMillis(600);
  private static final Duration LONG_LEASE = Duration.ofMinutes(5);
  private static final Share ALL = new Share(Set.of(), 100, 1_000);
  private static final Tried DELIVERED =
      new Tried(DeliveryState.DELIVERED, Duration.ZERO, Duration.ZERO, 204, 12, null, null);
  private static final Set<HookEvent> EVERYTHING = EnumSet.complementOf(EnumSet.of(HookEvent.TEST));

  private StoreDriver driver;

  /** The webhooks of the store under test. */
  protected abstract WebhookStore webhooks();

  /** The expectations of the store under test. */
  protected abstract ExpectationStore expectations();

  /** The part of the store under test that hears of living nodes. */
  protected abstract WatchStore watch();

  /** Lets that much time pass by the store's clock. */
  protected abstract void pass(Duration time);

  @BeforeEach
  void begin() {
    driver = driver();
  }

  private static Tried failed(Duration pause) {
    return new Tried(DeliveryState.WAITING, pause, pause, 500, 7, "it broke", null);
  }

  private static Wanted wanted(Set<HookEvent> events, String... tables) {
    return new Wanted(
        "https://h.example.org/x",
        null,
        "whsec_made",
        tables.length == 0 ? null : List.of(tables),
        events,
        true);
  }

  private Webhook hook(String name, Set<HookEvent> events, String... tables) {
    return put(name, wanted(events, tables)).webhook();
  }

  private Put put(String name, Wanted wanted) {
    return driver.answer(webhooks().put(driver.namespace, name, wanted, "me"));
  }

  /** Those of this test: other tests have claims of their own. */
  private List<Claimed> claim(Share share, Duration lease) {
    return driver.all(webhooks().claim(share, lease)).stream()
        .filter(one -> one.target().namespace().equals(driver.namespace))
        .toList();
  }

  private List<Claimed> claim() {
    return claim(ALL, LONG_LEASE);
  }

  private boolean settle(Claimed claimed, Tried tried) {
    return driver.answer(webhooks().settle(claimed, tried));
  }

  /** Delivers all that there is, as far as one after the other goes. */
  private List<Claimed> deliverAll() {
    List<Claimed> all = new ArrayList<>();
    for (List<Claimed> some = claim(); !some.isEmpty(); some = claim()) {
      some.forEach(one -> assertThat(settle(one, DELIVERED)).isTrue());
      all.addAll(some);
    }
    return all;
  }

  private List<WebhookDelivery> log(String name) {
    return driver.all(webhooks().deliveries(driver.namespace, name, null, Long.MAX_VALUE, 1_000));
  }

  /** Of a time in which no node gave a sign nothing counts. */
  private void look() {
    driver.answer(watch().signOfLife("kit", Duration.ofDays(1)).thenReturn(true));
    while (Boolean.TRUE.equals(driver.answer(webhooks().flags(100)))) {
      // There is more.
    }
  }

  @Test
  void webhookIsShownAsItWasSetAndTakenAway() {
    Put made = put("pager", wanted(Set.of(HookEvent.FAILED, HookEvent.OVERDUE), "a", "b"));

    assertThat(made.created()).isTrue();
    Webhook shown = made.webhook();
    assertThat(shown.url()).isEqualTo("https://h.example.org/x");
    assertThat(shown.tables()).containsExactly("a", "b");
    assertThat(shown.events()).containsExactly("failed", "overdue");
    assertThat(shown.enabled()).isTrue();
    assertThat(shown.createdBy()).isEqualTo("me");
    assertThat(shown.secret()).as("shown by nobody but who made it").isNull();
    assertThat(shown.last()).isNull();
    assertThat(driver.answer(webhooks().find(driver.namespace, "pager"))).isEqualTo(shown);
    hook("other", EVERYTHING);
    assertThat(driver.all(webhooks().list(driver.namespace)))
        .extracting(Webhook::name)
        .containsExactly("other", "pager");
    assertThat(driver.answer(webhooks().remove(driver.namespace, "pager"))).isTrue();
    assertThat(driver.answer(webhooks().remove(driver.namespace, "pager"))).isFalse();
    assertThat(webhooks().find(driver.namespace, "pager").block(StoreDriver.PATIENCE)).isNull();
    assertThat(driver.all(webhooks().list("another"))).isEmpty();
  }

  @Test
  void secretStaysWhereNoneIsGivenAndChangesWhereOneIs() {
    hook("pager", EVERYTHING);
    Wanted same = wanted(EVERYTHING);
    assertThat(
            put("pager", new Wanted(same.url(), null, "whsec_x", null, EVERYTHING, true)).created())
        .isFalse();
    assertThat(secret()).isEqualTo("whsec_made");

    put("pager", new Wanted(same.url(), "whsec_mine", "whsec_x", null, EVERYTHING, true));

    assertThat(secret()).isEqualTo("whsec_mine");
    assertThat(new Wanted(same.url(), "whsec_mine", "whsec_x", null, Set.of(), true).toString())
        .doesNotContain("whsec");
  }

  private String secret() {
    Claimed test = driver.answer(webhooks().test(driver.namespace, "pager", LONG_LEASE));
    assertThat(test.toString()).doesNotContain("whsec");
    return test.target().secret();
  }

  @Test
  void namespaceHasABoundedNumberOfWebhooks() {
    for (int i = 0; i < WebhookStore.MOST_WEBHOOKS; i++) {
      hook("h" + i, Set.of(HookEvent.FAILED));
    }

    driver.refusal(
        ProblemType.INVALID_REQUEST,
        webhooks().put(driver.namespace, "more", wanted(EVERYTHING), "me"));
    assertThat(put("h0", wanted(EVERYTHING)).created()).isFalse();
  }

  @Test
  void changesOfStatusAreToldInOrderOnceEach() {
    hook("pager", EVERYTHING);
    BatchKey key =
        driver.open(BatchSpec.builder().table("t").period("2026-11").label("team", "a").build());
    driver.send(key, Lines.completed("a", 7), Lines.failed("b"));
    driver.decide(key, FAILED);
    driver.decide(key, 1, RUNNING);
    driver.decide(key, 2, CANCELLED);
    driver.decide(key, 2, CANCELLED);

    List<Claimed> told = deliverAll();

    assertThat(told)
        .extracting(Claimed::event)
        .containsExactly(
            HookEvent.RUNNING, HookEvent.FAILED, HookEvent.RUNNING, HookEvent.CANCELLED);
    StatusChange failed = ((HookNotice.OfStatus) told.get(1).notice()).change();
    assertThat(failed.key()).isEqualTo(key);
    assertThat(failed.status()).isEqualTo(FAILED);
    assertThat(failed.spec().table()).isEqualTo("t");
    assertThat(failed.labels()).isEqualTo(Map.of("team", "a"));
    assertThat(failed.events()).isEqualTo(2);
    assertThat(failed.verdict().reason()).isNotNull();
    assertThat(log("pager"))
        .extracting(
            WebhookDelivery::event,
            WebhookDelivery::batch,
            WebhookDelivery::table,
            WebhookDelivery::period,
            WebhookDelivery::state)
        .startsWith(tuple("cancelled", key.id(), "t", "2026-11", DeliveryState.DELIVERED))
        .hasSize(4);
    assertThat(claim()).isEmpty();
  }

  @Test
  void filtersLetThroughWhatTheySay() {
    hook("failed-a", Set.of(HookEvent.FAILED), "a");
    hook("all-b", EVERYTHING, "b");
    BatchKey a = driver.open(BatchSpec.builder().table("a").build());
    driver.decide(a, COMPLETED);
    BatchKey other = driver.open(BatchSpec.builder().table("a").build());
    BatchKey below = driver.openBelow(other);
    driver.decide(below, FAILED);
    driver.decide(driver.open(), FAILED);

    List<Claimed> told = deliverAll();

    assertThat(told)
        .as("a sub-batch is about its parent's table")
        .extracting(one -> one.target().name(), Claimed::event, StoredBatch::of)
        .containsExactly(tuple("failed-a", HookEvent.FAILED, below));
  }

  /** The batch that a claimed delivery is about. */
  private static final class StoredBatch {
    static BatchKey of(Claimed claimed) {
      return ((HookNotice.OfStatus) claimed.notice()).change().key();
    }
  }

  @Test
  void whoIsSwitchedOffOrTakenAwayIsToldNothing() {
    hook("off", EVERYTHING);
    hook("gone", EVERYTHING);
    driver.decide(driver.open(), FAILED);
    put("off", new Wanted("https://h", null, "whsec_x", null, EVERYTHING, false));
    driver.answer(webhooks().remove(driver.namespace, "gone"));
    driver.decide(driver.open(), FAILED);

    assertThat(claim()).isEmpty();
    assertThat(log("off")).as("what was told before waits").hasSize(1);
    assertThat(log("gone")).isEmpty();
    hook("gone", EVERYTHING);
    assertThat(log("gone")).as("another of the same name").isEmpty();
    hook("off", EVERYTHING);
    assertThat(claim()).hasSize(1);
  }

  @Test
  void laterOneOfABatchWaitsForTheEarlierOneAndNobodyElseDoes() {
    hook("pager", Set.of(HookEvent.FAILED, HookEvent.RUNNING));
    BatchKey one = driver.open();
    BatchKey other = driver.open();
    driver.decide(one, FAILED);
    driver.decide(one, 1, RUNNING);
    driver.decide(other, FAILED);

    List<Claimed> first = claim();
    assertThat(first).extracting(StoredBatch::of).containsExactly(one, other);
    assertThat(claim()).as("they are taken").isEmpty();
    settle(first.get(0), failed(Duration.ofMinutes(9)));
    settle(first.get(1), DELIVERED);
    assertThat(claim()).as("the earlier one waits").isEmpty();

    long waits = first.get(0).number();
    driver.answer(webhooks().retry(driver.namespace, "pager", waits));
    Claimed again = claim().get(0);
    assertThat(again.number()).isEqualTo(waits);
    assertThat(again.id()).isEqualTo(first.get(0).id());
    settle(
        again,
        new Tried(DeliveryState.GIVEN_UP, Duration.ZERO, Duration.ZERO, null, 3, "no", null));

    assertThat(claim()).extracting(Claimed::event).containsExactly(HookEvent.RUNNING);
  }

  @Test
  void pauseIsWaitedForAndTriesAreCounted() {
    hook("pager", Set.of(HookEvent.FAILED));
    driver.decide(driver.open(), FAILED);
    Claimed first = claim().get(0);
    assertThat(first.tries()).isEqualTo(1);
    settle(first, failed(Duration.ofMillis(400)));
    assertThat(claim()).isEmpty();

    WebhookDelivery waits = log("pager").get(0);
    assertThat(waits.state()).isEqualTo(DeliveryState.WAITING);
    assertThat(waits.tries()).isEqualTo(1);
    assertThat(waits.lastStatus()).isEqualTo(500);
    assertThat(waits.lastError()).isEqualTo("it broke");
    assertThat(waits.lastMillis()).isEqualTo(7);
    assertThat(waits.nextAt()).isAfter(waits.lastAt());
    assertThat(driver.answer(webhooks().find(driver.namespace, "pager")).waiting()).isEqualTo(1);
    pass(Duration.ofMillis(400));
    Claimed second = claim().get(0);
    assertThat(second.tries()).isEqualTo(2);
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.age()).isGreaterThanOrEqualTo(Duration.ofMillis(400));
    settle(second, DELIVERED);

    Webhook hook = driver.answer(webhooks().find(driver.namespace, "pager"));
    assertThat(hook.waiting()).isZero();
    assertThat(hook.last().lastStatus()).isEqualTo(204);
    assertThat(hook.last().endedAt()).isNotNull();
    assertThat(hook.last().nextAt()).isNull();
  }

  @Test
  void nothingElseGoesToAWebhookThatFailedBeforeItsRestIsOverAndThenOneAtATime() {
    hook("pager", Set.of(HookEvent.FAILED));
    for (int i = 0; i < 5; i++) {
      driver.decide(driver.open(), FAILED);
    }
    List<Claimed> first = claim(new Share(Set.of(), 2, 1_000), LONG_LEASE);
    settle(first.get(0), failed(Duration.ofMillis(700)));
    settle(first.get(1), DELIVERED);
    assertThat(claim()).as("what was begun before ends no rest").isEmpty();
    assertThat(log("pager")).extracting(WebhookDelivery::tries).containsExactly(0, 0, 0, 1, 1);
    pass(Duration.ofMillis(700));

    List<Claimed> probe = claim();
    assertThat(probe).hasSize(1);
    assertThat(probe.get(0).failures()).isEqualTo(1);
    assertThat(claim()).as("one probe").isEmpty();
    settle(probe.get(0), failed(Duration.ofMinutes(9)));
    assertThat(claim()).isEmpty();
    driver.answer(webhooks().retry(driver.namespace, "pager", probe.get(0).number()));
    List<Claimed> second = claim();
    assertThat(second).extracting(Claimed::failures).containsExactly(2);

    settle(second.get(0), DELIVERED);

    assertThat(claim()).as("the backlog goes on at once").hasSize(3);
  }

  @Test
  void whatWasTakenByOneWhoDiedIsGivenAgainAndTheDeadOneNotesNothing() {
    hook("pager", Set.of(HookEvent.FAILED));
    driver.decide(driver.open(), FAILED);
    Claimed lost = claim(ALL, LEASE).get(0);
    pass(LEASE.plusMillis(50));

    Claimed again = claim().get(0);

    assertThat(again.number()).isEqualTo(lost.number());
    assertThat(settle(lost, failed(Duration.ofHours(1)))).isFalse();
    assertThat(settle(again, DELIVERED)).isTrue();
    assertThat(settle(again, DELIVERED)).as("once").isFalse();
    assertThat(log("pager").get(0).state()).isEqualTo(DeliveryState.DELIVERED);
  }

  @Test
  void shareIsKept() {
    hook("well", Set.of(HookEvent.FAILED));
    hook("full", Set.of(HookEvent.FAILED));
    for (int i = 0; i < 4; i++) {
      driver.decide(driver.open(), FAILED);
    }
    long full = number("full");

    List<Claimed> taken = claim(new Share(Set.of(full), 3, 100), LONG_LEASE);

    assertThat(taken)
        .extracting(one -> one.target().name())
        .containsExactly("well", "well", "well");
  }

  private long number(String name) {
    return driver.answer(webhooks().test(driver.namespace, name, LONG_LEASE)).target().number();
  }

  @Test
  void severalNodesTakeEachDeliveryOnce() {
    hook("pager", Set.of(HookEvent.FAILED));
    for (int i = 0; i < 40; i++) {
      driver.decide(driver.open(), FAILED);
    }
    Flux<Claimed> node =
        Flux.defer(() -> webhooks().claim(new Share(Set.of(), 7, 7), LONG_LEASE))
            .repeat(8)
            .subscribeOn(Schedulers.parallel());

    List<Claimed> taken =
        driver.all(Flux.merge(node, node, node)).stream()
            .filter(one -> one.target().namespace().equals(driver.namespace))
            .toList();

    assertThat(taken).extracting(Claimed::number).hasSize(40).doesNotHaveDuplicates();
  }

  @Test
  void goneReceiverSwitchesItsWebhookOff() {
    hook("pager", EVERYTHING);
    driver.decide(driver.open(), FAILED);
    settle(
        claim().get(0),
        new Tried(
            DeliveryState.GIVEN_UP, Duration.ZERO, Duration.ZERO, 410, 1, "gone", "answered 410"));

    Webhook off = driver.answer(webhooks().find(driver.namespace, "pager"));
    assertThat(off.enabled()).isFalse();
    assertThat(off.disabledReason()).isEqualTo("answered 410");
    assertThat(off.last().state()).isEqualTo(DeliveryState.GIVEN_UP);
    assertThat(hook("pager", EVERYTHING).disabledReason()).isNull();
  }

  @Test
  void testGoesAtOnceAlsoWhereTheWebhookIsSwitchedOff() {
    put("pager", new Wanted("https://h", null, "whsec_made", null, EVERYTHING, false));

    Claimed test = driver.answer(webhooks().test(driver.namespace, "pager", LONG_LEASE));

    assertThat(test.event()).isEqualTo(HookEvent.TEST);
    assertThat(test.tries()).isEqualTo(1);
    assertThat(settle(test, DELIVERED)).isTrue();
    assertThat(log("pager"))
        .extracting(WebhookDelivery::event, WebhookDelivery::state)
        .containsExactly(tuple("test", DeliveryState.DELIVERED));
    assertThat(webhooks().test(driver.namespace, "none", LEASE).block(StoreDriver.PATIENCE))
        .isNull();
  }

  @Test
  void logIsReadInPagesByState() {
    hook("pager", Set.of(HookEvent.FAILED));
    for (int i = 0; i < 5; i++) {
      driver.decide(driver.open(), FAILED);
    }
    List<Claimed> taken = claim();
    settle(taken.get(0), DELIVERED);
    settle(
        taken.get(1),
        new Tried(DeliveryState.GIVEN_UP, Duration.ZERO, Duration.ZERO, null, 1, "no", null));
    List<Long> all = log("pager").stream().map(WebhookDelivery::number).toList();
    assertThat(all).hasSize(5).isSortedAccordingTo((one, other) -> Long.compare(other, one));

    assertThat(page(null, all.get(1), 2)).isEqualTo(all.subList(2, 4));
    assertThat(page(DeliveryState.DELIVERED, Long.MAX_VALUE, 9))
        .containsExactly(taken.get(0).number());
    assertThat(page(DeliveryState.GIVEN_UP, Long.MAX_VALUE, 9))
        .containsExactly(taken.get(1).number());
    assertThat(page(DeliveryState.WAITING, Long.MAX_VALUE, 9)).hasSize(3);
    OutboxStore.Backlog backlog = driver.answer(webhooks().backlog());
    assertThat(backlog.waiting()).isGreaterThanOrEqualTo(3);
    assertThat(backlog.age()).isBetween(Duration.ZERO, Duration.ofHours(1));
  }

  @Test
  void backlogIsThatOfWebhooksThatAreSwitchedOn() {
    hook("pager", Set.of(HookEvent.FAILED));
    for (int i = 0; i < 3; i++) {
      driver.decide(driver.open(), FAILED);
    }
    int before = driver.answer(webhooks().backlog()).waiting();

    put("pager", new Wanted("https://h", null, "whsec_x", null, Set.of(HookEvent.FAILED), false));

    // Other tests have webhooks of their own.
    assertThat(driver.answer(webhooks().backlog()).waiting()).isEqualTo(before - 3);
  }

  private List<Long> page(DeliveryState state, long before, int limit) {
    return driver
        .all(webhooks().deliveries(driver.namespace, "pager", state, before, limit))
        .stream()
        .map(WebhookDelivery::number)
        .toList();
  }

  @Test
  void whatWasGivenUpIsTriedAgainWhereSomebodyAsks() {
    hook("pager", Set.of(HookEvent.FAILED));
    driver.decide(driver.open(), FAILED);
    Claimed first = claim().get(0);
    WebhookDelivery sent =
        driver.answer(webhooks().retry(driver.namespace, "pager", first.number()));
    assertThat(sent.tries()).as("it is being sent").isEqualTo(1);
    settle(
        first, new Tried(DeliveryState.GIVEN_UP, Duration.ZERO, Duration.ZERO, 500, 1, "no", null));
    assertThat(claim()).isEmpty();

    WebhookDelivery again =
        driver.answer(webhooks().retry(driver.namespace, "pager", first.number()));

    assertThat(again.state()).isEqualTo(DeliveryState.WAITING);
    assertThat(again.tries()).isZero();
    assertThat(claim()).extracting(Claimed::id).containsExactly(first.id());
    assertThat(
            webhooks().retry(driver.namespace, "none", first.number()).block(StoreDriver.PATIENCE))
        .isNull();
  }

  @Test
  void oldDeliveriesAreTakenAwayAndThoseThatWaitTooLongGivenUp() {
    hook("pager", Set.of(HookEvent.FAILED));
    driver.decide(driver.open(), FAILED);
    driver.decide(driver.open(), FAILED);
    settle(claim(new Share(Set.of(), 1, 1_000), LONG_LEASE).get(0), DELIVERED);
    tidy(Duration.ofHours(1));
    assertThat(log("pager")).hasSize(2);
    pass(Duration.ofMillis(300));

    tidy(Duration.ofMillis(200));

    assertThat(log("pager"))
        .extracting(WebhookDelivery::state, WebhookDelivery::lastError)
        .containsExactly(tuple(DeliveryState.GIVEN_UP, "it waited too long"));
    assertThat(claim()).isEmpty();
  }

  private void tidy(Duration age) {
    while (Boolean.TRUE.equals(driver.answer(webhooks().tidy(age, 100)))) {
      // There is more.
    }
  }

  private BatchSpec watched(String table) {
    return BatchSpec.builder()
        .table(table)
        .limit(LimitName.OPERATION, Limit.endAfter(Duration.ofHours(9)))
        .limit(LimitName.IDLE, Limit.endAfter(Duration.ofSeconds(30)))
        .limit(LimitName.PROGRESS, Limit.flagAfter(Duration.ofMillis(2_500)))
        .build();
  }

  @Test
  void flagsAreToldOnceWhileTheyLast() {
    hook("pager", Set.of(HookEvent.SILENT, HookEvent.STALLED), "t");
    BatchKey key = driver.open(watched("t"));
    BatchKey other = driver.open(watched("other"));
    driver.send(key, Lines.started("a"));
    driver.send(other, Lines.started("a"));
    look();
    assertThat(claim()).as("nothing is late yet").isEmpty();
    pass(Duration.ofMillis(2_600));
    look();
    look();

    List<Claimed> told = deliverAll();
    assertThat(told)
        .extracting(Claimed::event, one -> ((HookNotice.OfFlag) one.notice()).change().key())
        .containsExactly(tuple(HookEvent.STALLED, key));
    HookNotice.OfFlag stalled = (HookNotice.OfFlag) told.get(0).notice();
    assertThat(stalled.raised().flag()).isEqualTo(Flag.STALLED);
    assertThat(stalled.raised().limit()).isEqualTo(LimitName.PROGRESS);
    assertThat(stalled.raised().after()).isEqualTo(Duration.ofMillis(2_500));
    assertThat(stalled.raised().since().truncatedTo(ChronoUnit.MILLIS))
        .isEqualTo(driver.find(key).state().lastProgressAt().truncatedTo(ChronoUnit.MILLIS));

    driver.send(key, Lines.progress("a", 5));
    // A quarter of the limit and a second until the next look at it, and well before it is late
    // again.
    pass(Duration.ofMillis(1_700));
    look();
    assertThat(claim()).as("it went away").isEmpty();
    pass(Duration.ofMillis(2_600));
    look();
    assertThat(deliverAll()).extracting(Claimed::event).contains(HookEvent.STALLED);
  }

  @Test
  void flagsOfBatchesThatWereOpenBeforeTheWebhookAreTold() {
    BatchKey key = driver.open(watched("t"));
    driver.send(key, Lines.started("a"));
    pass(Duration.ofMillis(2_600));
    hook("pager", EVERYTHING);

    look();

    assertThat(deliverAll()).extracting(Claimed::event).containsExactly(HookEvent.STALLED);
  }

  @Test
  void movedLimitIsSeenAndEndedBatchIsFlaggedNoMore() {
    hook("pager", Set.of(HookEvent.OVER_LIMIT));
    BatchKey moved = driver.open();
    BatchKey ended = driver.open();
    driver.send(moved, Lines.started("a"));
    driver.send(ended, Lines.started("a"));
    look();
    for (BatchKey key : List.of(moved, ended)) {
      driver.answer(
          driver.store.change(
              new ChangeBatch(
                  key,
                  1,
                  new BatchChange(
                      Map.of(
                          LimitName.OPERATION,
                          Optional.of(new Limit(Duration.ofMillis(500), LimitAction.FLAG))),
                      Map.of()),
                  LimitRules.DEFAULTS)));
    }
    driver.decide(ended, FAILED);
    pass(Duration.ofMillis(600));

    look();

    assertThat(deliverAll())
        .extracting(Claimed::event, one -> ((HookNotice.OfFlag) one.notice()).change().key())
        .containsExactly(tuple(HookEvent.OVER_LIMIT, moved));
  }

  @Test
  void tableThatIsOverdueIsToldOnce() {
    hook("pager", Set.of(HookEvent.OVERDUE), "t");
    Schedule eachSecond = time -> time.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    NewExpectation wanted = new NewExpectation("* * * * * *", "UTC", Duration.ZERO);
    for (String table : List.of("t", "other")) {
      driver.answer(expectations().put(driver.namespace, table, wanted, "tester", eachSecond));
    }
    for (int i = 0; i < 2; i++) {
      pass(Duration.ofMillis(1_050));
      for (ExpectationStore.Held held : driver.all(expectations().passed(1_000))) {
        if (held.namespace().equals(driver.namespace)) {
          expectations().judge(held, eachSecond).block(StoreDriver.PATIENCE);
        }
      }
    }

    List<Claimed> told = deliverAll();

    assertThat(told).extracting(Claimed::event).containsExactly(HookEvent.OVERDUE);
    HookNotice.OfTable overdue = (HookNotice.OfTable) told.get(0).notice();
    TableExpectation found = overdue.expectation();
    assertThat(found.table()).isEqualTo("t");
    assertThat(found.overdueSince())
        .isEqualTo(driver.answer(expectations().find(driver.namespace, "t")).overdueSince());
    assertThat(log("pager")).extracting(WebhookDelivery::table).containsExactly("t");
    driver.answer(expectations().remove(driver.namespace, "t"));
    driver.answer(expectations().remove(driver.namespace, "other"));
  }

  @Test
  void nothingIsDoneBeforeSubscribing() {
    hook("pager", Set.of(HookEvent.FAILED));
    driver.decide(driver.open(), FAILED);
    Flux<Claimed> claiming = webhooks().claim(ALL, LONG_LEASE);
    assertThat(log("pager").get(0).tries()).isZero();
    driver.all(claiming);
    assertThat(log("pager").get(0).tries()).isEqualTo(1);
  }
}
