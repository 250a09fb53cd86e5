package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchKey;
import io.r2dbc.postgresql.api.Notification;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/**
 * Tells which batches changed, here and by NOTIFY on other nodes. What is written here within a
 * tenth of a second is told to them in one notification, which names the batches and nothing else.
 * All of it is a hint: what gets lost is found by looking. Thread-safe.
 */
final class Changes {
  private static final String CHANNEL = "audit_changed";
  private static final Duration GATHERED = Duration.ofMillis(100);
  private static final Duration AGAIN = Duration.ofSeconds(1);

  /** PostgreSQL takes 8,000 bytes; a namespace has 63 and an id 36. */
  private static final int BATCHES_AT_ONCE = 75;

  /** More than this are not named: who watches any of them looks once a second. */
  private static final int MOST = 10_000;

  private final Database database;
  private final UUID sender = UUID.randomUUID();
  private final Scheduler scheduler;
  private final Sinks.Many<BatchKey> here = Sinks.many().multicast().directBestEffort();
  private final Set<BatchKey> untold = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean telling = new AtomicBoolean();

  Changes(Database database, Scheduler scheduler) {
    this.database = database;
    this.scheduler = scheduler;
  }

  /** Notes changes that were just committed; from any thread. */
  void tell(Collection<BatchKey> keys) {
    for (BatchKey key : keys) {
      // Several threads may tell at once: the one that loses the race tries again.
      here.emitNext(key, (signal, result) -> result == Sinks.EmitResult.FAIL_NON_SERIALIZED);
      if (untold.size() < MOST) {
        untold.add(key);
      }
    }
    schedule();
  }

  private void schedule() {
    if (!untold.isEmpty() && telling.compareAndSet(false, true)) {
      Mono.delay(GATHERED, scheduler).then(Mono.defer(this::notifyOthers)).subscribe();
    }
  }

  private Mono<Void> notifyOthers() {
    List<String> names = new ArrayList<>();
    untold.removeIf(key -> names.add(key.namespace() + "/" + key.id()));
    return Flux.fromIterable(names)
        .buffer(BATCHES_AT_ONCE)
        .map(some -> sender + " " + String.join(" ", some))
        .collectList()
        .flatMap(
            payloads ->
                database.transaction(
                    connection ->
                        BatchRows.query(
                                connection
                                    .createStatement(
                                        "SELECT count(pg_notify('"
                                            + CHANNEL
                                            + "', p)) AS told FROM unnest($1::text[]) p")
                                    .bind("$1", payloads.toArray(String[]::new)),
                                row -> BatchRows.value(row, "told", Long.class))
                            .single()))
        .onErrorComplete()
        .then(
            Mono.fromRunnable(
                () -> {
                  telling.set(false);
                  schedule();
                }));
  }

  /** What changed here and elsewhere, from now on. */
  Flux<BatchKey> all() {
    return Flux.merge(here.asFlux(), elsewhere());
  }

  /** A connection of its own for as long as somebody listens; another one when it is lost. */
  private Flux<BatchKey> elsewhere() {
    return database
        .listen(CHANNEL)
        .onBackpressureDrop()
        .flatMapIterable(this::read)
        .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, AGAIN).scheduler(scheduler))
        .repeatWhen(ends -> ends.delayElements(AGAIN, scheduler));
  }

  private List<BatchKey> read(Notification notification) {
    String payload = String.valueOf(notification.getParameter());
    if (payload.startsWith(sender.toString())) {
      return List.of();
    }
    return Stream.of(payload.split(" ", -1)).skip(1).flatMap(Changes::key).toList();
  }

  private static Stream<BatchKey> key(String name) {
    int slash = name.indexOf('/');
    try {
      return slash < 1
          ? Stream.empty()
          : Stream.of(
              new BatchKey(name.substring(0, slash), UUID.fromString(name.substring(slash + 1))));
    } catch (IllegalArgumentException e) {
      return Stream.empty(); // Nobody has to say what we understand on a channel open to all.
    }
  }
}
