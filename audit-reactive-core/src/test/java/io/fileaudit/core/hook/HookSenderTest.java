package io.fileaudit.core.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.hook.DeliveryState;
import io.fileaudit.api.hook.TestOutcome;
import io.fileaudit.api.hook.Webhook;
import io.fileaudit.api.hook.WebhookDelivery;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.hook.HookReceiver.Answer;
import io.fileaudit.core.hook.HookReceiver.Message;
import io.fileaudit.core.store.Decide;
import io.fileaudit.core.store.HookEvent;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.WebhookStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What is told goes out signed, in order and again, and nobody who is slow holds up others. */
class HookSenderTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  private final MemoryAuditStore store =
      new MemoryAuditStore(() -> Instant.ofEpochMilli(time.now(TimeUnit.MILLISECONDS)));
  private final WebhookStore hooks = store.webhooks();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<Throwable> failures = new ArrayList<>();
  private final Map<String, List<Long>> sentAt = new HashMap<>();
  private final List<Message> messages = new ArrayList<>();
  private final Map<String, Function<Integer, Mono<Answer>>> answers = new HashMap<>();
  private final HookSender sender =
      new HookSender(
          hooks,
          this::receive,
          new HookEvents("https://audit.example.org/"),
          time,
          registry,
          () -> 0.5,
          failures::add);
  private Disposable running = Disposables.disposed();
  private long ids;

  @AfterEach
  void stop() {
    running.dispose();
    assertThat(failures).isEmpty();
  }

  private Mono<Answer> receive(Message message) {
    messages.add(message);
    List<Long> times = sentAt.computeIfAbsent(message.url(), url -> new ArrayList<>());
    times.add(time.now(TimeUnit.SECONDS));
    return answers.getOrDefault(message.url(), n -> status(204)).apply(times.size());
  }

  private static Mono<Answer> status(int status) {
    return Mono.just(new Answer(status, null));
  }

  private void hook(String url) {
    WebhookStore.Wanted wanted =
        new WebhookStore.Wanted(
            url, SECRET, SECRET, null, EnumSet.complementOf(EnumSet.of(HookEvent.TEST)), true);
    assertThat(hooks.put("default", url, wanted, "me").block()).isNotNull();
  }

  private BatchKey fail() {
    BatchKey key = new BatchKey("default", new UUID(0, ++ids));
    BatchSpec spec = BatchSpec.builder().table("t").period("p").build();
    assertThat(
            store.open(new OpenBatch(key, spec, LimitRules.DEFAULTS, null, "me", "here")).block())
        .isNotNull();
    decide(key, 1, BatchStatus.FAILED);
    return key;
  }

  private void decide(BatchKey key, int run, BatchStatus status) {
    DecisionPlan.Wish wish = new DecisionPlan.Wish(run, status, null, "tester", "here");
    assertThat(store.decide(new Decide(key, wish)).block()).isNotNull();
  }

  private List<WebhookDelivery> log(String name) {
    return Objects.requireNonNull(
        hooks.deliveries("default", name, null, Long.MAX_VALUE, 1_000).collectList().block());
  }

  private Webhook shown(String name) {
    return Objects.requireNonNull(hooks.find("default", name).block());
  }

  private double tries(String outcome) {
    return registry.get("audit.webhooks.tries").tag("outcome", outcome).counter().count();
  }

  private static String type(Message message) {
    return AuditJson.lenient().readTree(message.body()).get("type").asString();
  }

  @Test
  void whatHappensIsDeliveredSignedWithinASecond() {
    hook("a");
    running = sender.start();
    BatchKey key = fail();

    time.advanceTimeBy(SECOND);

    Message message = messages.get(0);
    String id = Objects.requireNonNull(message.headers().get("webhook-id"));
    String seconds = Objects.requireNonNull(message.headers().get("webhook-timestamp"));
    assertThat(Long.parseLong(seconds)).isEqualTo(time.now(TimeUnit.SECONDS));
    assertThat(message.headers())
        .containsEntry("content-type", "application/cloudevents+json; charset=UTF-8")
        .containsEntry(
            "webhook-signature",
            HookSignature.of(SECRET, id, Long.parseLong(seconds), message.body()));
    assertThat(type(message)).isEqualTo("io.fileaudit.batch.failed");
    assertThat(log("a"))
        .extracting(WebhookDelivery::id, WebhookDelivery::batch, WebhookDelivery::state)
        .containsExactly(tuple(id, key.id(), DeliveryState.DELIVERED));
    assertThat(tries("delivered")).isEqualTo(1);
    time.advanceTimeBy(Duration.ofHours(2));
    assertThat(messages).hasSize(1);
  }

  @Test
  void whatFailsIsTriedAgainAfterLongerAndLongerPausesForADay() {
    hook("a");
    answers.put("a", n -> n % 2 == 0 ? status(404) : Mono.error(new IOException("no one there")));
    running = sender.start();
    fail();
    time.advanceTimeBy(SECOND);
    long begun = Objects.requireNonNull(sentAt.get("a")).get(0);

    time.advanceTimeBy(Duration.ofHours(30));

    List<Long> after =
        Objects.requireNonNull(sentAt.get("a")).stream().map(at -> at - begun).toList();
    assertThat(after.subList(0, 6)).isSortedAccordingTo(Long::compare);
    assertThat(after.get(1)).isBetween(1L, 2L);
    assertThat(after.get(2) - after.get(1)).isBetween(5L, 7L);
    assertThat(after.get(3) - after.get(2)).isBetween(30L, 32L);
    assertThat(after.get(4) - after.get(3)).isBetween(120L, 122L);
    assertThat(after.get(5) - after.get(4)).isBetween(600L, 602L);
    assertThat(after.get(6) - after.get(5)).isBetween(3_600L, 3_602L);
    assertThat(after.get(after.size() - 1)).isBetween(22L * 3_600, 24L * 3_600);
    assertThat(messages.stream().map(message -> message.headers().get("webhook-id")).distinct())
        .as("the same id for each try")
        .hasSize(1);
    assertThat(messages.stream().map(message -> message.headers().get("webhook-timestamp")))
        .as("the time of each try")
        .doesNotHaveDuplicates();
    WebhookDelivery given = log("a").get(0);
    assertThat(given.state()).isEqualTo(DeliveryState.GIVEN_UP);
    assertThat(given.tries()).isEqualTo(after.size());
    assertThat(tries("failed")).isEqualTo(after.size() - 1);
    assertThat(tries("given_up")).isEqualTo(1);
  }

  @Test
  void laterOneOfABatchWaitsForTheEarlierOne() {
    hook("a");
    answers.put("a", n -> status(n < 3 ? 500 : 204));
    running = sender.start();
    BatchKey key = fail();
    decide(key, 1, BatchStatus.RUNNING);
    decide(key, 2, BatchStatus.CANCELLED);
    fail();

    time.advanceTimeBy(Duration.ofMinutes(1));

    List<String> ofOne =
        messages.stream()
            .filter(
                message ->
                    new String(message.body(), java.nio.charset.StandardCharsets.UTF_8)
                        .contains(key.id().toString()))
            .map(HookSenderTest::type)
            .distinct()
            .toList();
    assertThat(ofOne)
        .containsExactly(
            "io.fileaudit.batch.failed",
            "io.fileaudit.batch.running",
            "io.fileaudit.batch.cancelled");
    assertThat(log("a")).allMatch(one -> one.state() == DeliveryState.DELIVERED).hasSize(4);
  }

  @Test
  void receiverThatNeverAnswersHoldsUpNobodyAndIsGivenUpAfterTenSeconds() {
    hook("dead");
    hook("well");
    answers.put("dead", n -> Mono.never());
    running = sender.start();
    for (int i = 0; i < 20; i++) {
      fail();
    }

    time.advanceTimeBy(Duration.ofSeconds(5));

    assertThat(sentAt.get("well")).hasSize(20);
    assertThat(
            Objects.requireNonNull(sentAt.get("well")).get(19)
                - Objects.requireNonNull(sentAt.get("well")).get(0))
        .as("a backlog does not wait for the next second")
        .isLessThanOrEqualTo(1);
    assertThat(sentAt.get("dead")).as("a few at a time").hasSize(4);
    time.advanceTimeBy(Duration.ofSeconds(9));
    assertThat(log("dead"))
        .extracting(WebhookDelivery::lastError)
        .contains("no answer within 10 s");
    time.advanceTimeBy(Duration.ofSeconds(30));
    assertThat(sender.open()).as("one at a time once it failed").isLessThanOrEqualTo(1);
  }

  @Test
  void patienceThatIsAskedForIsHadWithinBounds() {
    hook("a");
    hook("b");
    answers.put("a", n -> Mono.just(new Answer(429, Duration.ofSeconds(90))));
    answers.put("b", n -> Mono.just(new Answer(503, Duration.ofDays(9))));
    running = sender.start();
    fail();

    time.advanceTimeBy(Duration.ofSeconds(80));
    assertThat(sentAt.get("a")).hasSize(1);
    time.advanceTimeBy(Duration.ofSeconds(13));
    assertThat(sentAt.get("a")).hasSize(2);
    assertThat(sentAt.get("b")).hasSize(1);
    time.advanceTimeBy(Duration.ofHours(1));
    assertThat(sentAt.get("b")).as("an hour at the most").hasSize(2);
  }

  @Test
  void receiverThatIsDownIsProbedByOneAndGetsTheBacklogWhenItIsBack() {
    hook("a");
    answers.put("a", n -> n < 7 ? Mono.just(new Answer(503, Duration.ofMinutes(10))) : status(204));
    running = sender.start();
    for (int i = 0; i < 200; i++) {
      fail();
    }

    time.advanceTimeBy(Duration.ofMinutes(9));
    assertThat(sentAt.get("a")).as("those that went before one had failed").hasSize(4);
    time.advanceTimeBy(Duration.ofMinutes(10));
    assertThat(sentAt.get("a")).as("a probe").hasSize(5);
    assertThat(log("a").stream().mapToInt(WebhookDelivery::tries).sum()).isEqualTo(5);
    time.advanceTimeBy(Duration.ofMinutes(25));
    assertThat(log("a"))
        .extracting(WebhookDelivery::state)
        .hasSize(200)
        .containsOnly(DeliveryState.DELIVERED);
  }

  @Test
  void goneReceiverIsToldNothingMore() {
    hook("a");
    answers.put("a", n -> status(410));
    running = sender.start();
    fail();
    time.advanceTimeBy(SECOND.multipliedBy(2));
    fail();
    time.advanceTimeBy(Duration.ofHours(2));

    assertThat(sentAt.get("a")).hasSize(1);
    assertThat(shown("a").enabled()).isFalse();
    assertThat(shown("a").disabledReason()).contains("410");
    assertThat(log("a").get(0).state()).isEqualTo(DeliveryState.GIVEN_UP);
    assertThat(tries("switched_off")).isEqualTo(1);
  }

  @Test
  void redirectIsNoDeliveryAndIsNotFollowed() {
    hook("a");
    answers.put("a", n -> Mono.just(new Answer(302, null)));
    running = sender.start();
    fail();

    time.advanceTimeBy(SECOND);

    assertThat(log("a").get(0).state()).isEqualTo(DeliveryState.WAITING);
    assertThat(log("a").get(0).lastStatus()).isEqualTo(302);
    assertThat(log("a").get(0).lastError())
        .isEqualTo("the receiver answered 302; redirects are not followed");
  }

  @Test
  void testIsTriedOnceAtOnceAndSaysHowItWent() {
    hook("a");
    answers.put("a", n -> status(n == 1 ? 500 : 204));

    TestOutcome bad = Objects.requireNonNull(sender.test("default", "a").block());
    TestOutcome good = Objects.requireNonNull(sender.test("default", "a").block());

    assertThat(bad.delivered()).isFalse();
    assertThat(bad.status()).isEqualTo(500);
    assertThat(bad.error()).contains("500");
    assertThat(good.delivered()).isTrue();
    assertThat(type(messages.get(0))).isEqualTo("io.fileaudit.webhook.test");
    assertThat(tries("failed")).isEqualTo(1);
    assertThat(tries("given_up")).as("nobody gave it up").isZero();
    assertThat(sender.test("default", "none").block()).isNull();
    running = sender.start();
    time.advanceTimeBy(Duration.ofHours(2));
    assertThat(messages).as("never again by itself").hasSize(2);
  }

  @Test
  void webhookIsTestedOnceAtATime() {
    hook("a");
    hook("b");
    answers.put("a", n -> Mono.never());
    Disposable first = sender.test("default", "a").subscribe();

    for (int i = 0; i < 60; i++) {
      assertThatThrownBy(() -> sender.test("default", "a").block())
          .isInstanceOfSatisfying(
              AuditException.class,
              refused -> assertThat(refused.type()).isEqualTo(ProblemType.TOO_MANY_REQUESTS));
    }
    assertThat(sender.test("default", "b").block()).isNotNull();
    assertThat(sentAt.get("a")).hasSize(1);

    first.dispose();
    answers.put("a", n -> status(204));
    assertThat(sender.test("default", "a").block()).isNotNull();
  }

  @Test
  void whoIsStoppedBeginsNothingMoreAndAnotherGoesOn() {
    hook("a");
    running = sender.start();
    running.dispose();
    fail();
    time.advanceTimeBy(Duration.ofMinutes(5));
    assertThat(messages).isEmpty();
    assertThat(sender.ended().blockOptional()).isEmpty();

    running =
        new HookSender(
                hooks,
                this::receive,
                new HookEvents(null),
                time,
                registry,
                () -> 0.5,
                failures::add)
            .start();
    time.advanceTimeBy(SECOND);
    assertThat(messages).hasSize(1);
  }

  @Test
  void pausesSpreadByAFifthAndHaveBounds() {
    assertThat(Backoff.after(1, null, () -> 0)).isEqualTo(Duration.ofMillis(800));
    assertThat(Backoff.after(1, null, () -> 1)).isEqualTo(Duration.ofMillis(1_200));
    assertThat(Backoff.after(99, null, () -> 0.5)).isEqualTo(Duration.ofHours(1));
    assertThat(Backoff.after(0, Duration.ofSeconds(9), () -> 0)).isEqualTo(Duration.ofSeconds(9));
    assertThat(Backoff.after(3, Duration.ZERO, () -> 0.5)).isEqualTo(Duration.ofSeconds(30));
    assertThat(Set.copyOf(Backoff.PAUSES)).hasSize(6);
  }
}
