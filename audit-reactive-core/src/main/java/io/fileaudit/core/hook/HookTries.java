package io.fileaudit.core.hook;

import io.fileaudit.api.hook.DeliveryState;
import io.fileaudit.core.store.HookEvent;
import io.fileaudit.core.store.WebhookStore.Claimed;
import io.fileaudit.core.store.WebhookStore.Tried;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Tries a delivery once and judges what came of it. */
final class HookTries {
  /** How long a try may take, from looking up the name to the answer. */
  static final Duration TRY = Duration.ofSeconds(10);

  private static final int GONE = 410;
  private static final String FAILED = "failed";
  private static final String SWITCHED_OFF = "switched_off";

  /** What may come of a try: each is counted from 0 on, so that a first one shows. */
  private static final List<String> OUTCOMES =
      List.of(
          DeliveryState.DELIVERED.wireName(),
          DeliveryState.GIVEN_UP.wireName(),
          FAILED,
          SWITCHED_OFF);

  private final HookReceiver receiver;
  private final HookEvents events;
  private final Scheduler scheduler;
  private final MeterRegistry registry;
  private final DoubleSupplier random;

  HookTries(
      HookReceiver receiver,
      HookEvents events,
      Scheduler scheduler,
      MeterRegistry registry,
      DoubleSupplier random) {
    this.receiver = receiver;
    this.events = events;
    this.scheduler = scheduler;
    this.registry = registry;
    this.random = random;
    OUTCOMES.forEach(this::tries);
  }

  /** Lazy; never fails: what goes wrong is how the try went. Cancelling gives the try up. */
  Mono<Tried> once(Claimed claimed) {
    return Mono.defer(
            () -> {
              long begun = scheduler.now(TimeUnit.MILLISECONDS);
              return Mono.defer(() -> receiver.send(message(claimed)))
                  .timeout(TRY, scheduler)
                  .map(answer -> judge(claimed, answer, millisSince(begun)))
                  .onErrorResume(
                      error ->
                          Mono.just(
                              failed(claimed, null, reason(error), null, millisSince(begun))));
            })
        .doOnNext(tried -> count(claimed, tried));
  }

  private int millisSince(long begun) {
    return (int) Math.max(0, scheduler.now(TimeUnit.MILLISECONDS) - begun);
  }

  private HookReceiver.Message message(Claimed claimed) {
    byte[] body = events.json(claimed);
    long seconds = scheduler.now(TimeUnit.SECONDS);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("content-type", HookEvents.CONTENT_TYPE);
    headers.put("user-agent", "file-audit");
    headers.put("webhook-id", claimed.id());
    headers.put("webhook-timestamp", Long.toString(seconds));
    headers.put(
        "webhook-signature",
        HookSignature.of(claimed.target().secret(), claimed.id(), seconds, body));
    return new HookReceiver.Message(claimed.target().url(), headers, body);
  }

  private Tried judge(Claimed claimed, HookReceiver.Answer answer, int millis) {
    int status = answer.status();
    if (status >= 200 && status < 300) {
      return new Tried(
          DeliveryState.DELIVERED, Duration.ZERO, Duration.ZERO, status, millis, null, null);
    }
    String error = "the receiver answered " + status;
    if (status == GONE) {
      return new Tried(
          DeliveryState.GIVEN_UP,
          Duration.ZERO,
          Duration.ZERO,
          status,
          millis,
          error + ": the webhook was switched off",
          claimed.event() == HookEvent.TEST ? null : "the receiver answered 410 Gone");
    }
    if (status / 100 == 3) {
      error += "; redirects are not followed";
    }
    return failed(claimed, status, error, answer.retryAfter(), millis);
  }

  private Tried failed(
      Claimed claimed,
      @Nullable Integer status,
      String error,
      @Nullable Duration askedFor,
      int millis) {
    Duration pause = Backoff.after(claimed.tries(), askedFor, random);
    boolean last =
        claimed.event() == HookEvent.TEST
            || (claimed.age().plus(pause).compareTo(Backoff.PATIENCE) > 0
                // The time that it waited while others were tried is not its own.
                && Backoff.before(claimed.tries()).plus(pause).compareTo(Backoff.PATIENCE) > 0);
    return new Tried(
        last ? DeliveryState.GIVEN_UP : DeliveryState.WAITING,
        last ? Duration.ZERO : pause,
        Backoff.after(claimed.failures() + 1, askedFor, random),
        status,
        millis,
        error,
        null);
  }

  private static String reason(Throwable error) {
    if (error instanceof TimeoutException) {
      return "no answer within " + TRY.toSeconds() + " s";
    }
    return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
  }

  /** A test that fails is given up by nobody: whoever asked for it is told. */
  private void count(Claimed claimed, Tried tried) {
    boolean mayPass = tried.state() == DeliveryState.WAITING;
    boolean failedTest =
        claimed.event() == HookEvent.TEST && tried.state() == DeliveryState.GIVEN_UP;
    String outcome =
        tried.disabling() != null
            ? SWITCHED_OFF
            : mayPass || failedTest ? FAILED : tried.state().wireName();
    tries(outcome).increment();
  }

  private Counter tries(String outcome) {
    return Counter.builder("audit.webhooks.tries")
        .description("Tries of this node to deliver to webhooks, by what came of them")
        .tag("outcome", outcome)
        .register(registry);
  }
}
