package io.fileaudit.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.OpenBatch;
import io.fileaudit.core.store.OutboxStore;
import io.fileaudit.core.store.StatusChange;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What waits is sent within a second, and what goes wrong is tried again. */
class StatusSenderTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private final RuntimeException away = new IllegalStateException("away");

  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  private final MemoryAuditStore store =
      new MemoryAuditStore(() -> Instant.ofEpochMilli(time.now(TimeUnit.MILLISECONDS)));
  private final OutboxStore outbox = store.outbox();
  private final ScriptedLog log = new ScriptedLog();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<Throwable> failures = new ArrayList<>();
  private final StatusSender sender =
      new StatusSender(
          outbox, log, "statuses", new StatusEvents(null), time, registry, failures::add);
  private Disposable running = Disposables.disposed();
  private long ids;

  @AfterEach
  void stop() {
    running.dispose();
  }

  private BatchKey open() {
    BatchKey key = new BatchKey("default", new UUID(0, ++ids));
    BatchSpec spec = BatchSpec.builder().build();
    Objects.requireNonNull(
        store.open(new OpenBatch(key, spec, LimitRules.DEFAULTS, null, "me", "here")).block());
    return key;
  }

  private double gauge(String name) {
    return registry.get(name).gauge().value();
  }

  private double sent() {
    return registry.get("audit.outbox.sent").counter().count();
  }

  @Test
  void changesAreSentWithinASecondToTheirTopic() {
    running = sender.start();
    assertThat(log.asked).as("nothing waits").isEmpty();
    BatchKey key = open();

    time.advanceTimeBy(SECOND);

    assertThat(log.topics).containsExactly("statuses");
    assertThat(log.asked.get(0))
        .extracting(
            record -> new String(Objects.requireNonNull(record.key()), StandardCharsets.UTF_8))
        .containsExactly(key.id().toString());
    assertThat(sent()).isEqualTo(1);
    time.advanceTimeBy(SECOND.multipliedBy(60));
    assertThat(log.asked).hasSize(1);
    assertThat(failures).isEmpty();
  }

  @Test
  void whatIsMoreThanAPageIsSentAtOnce() {
    for (int i = 0; i < 1_200; i++) {
      open();
    }

    running = sender.start();

    assertThat(log.asked).extracting(List::size).containsExactly(500, 500, 200);
    assertThat(sent()).isEqualTo(1_200);
  }

  @Test
  void logThatIsAwayIsTriedAgainAfterLongerAndLongerPauses() {
    open();
    for (int i = 0; i < 7; i++) {
      log.answers.add(Mono.error(away));
    }
    running = sender.start();
    List<Long> triedAt = new ArrayList<>();

    for (long second = 0; second <= 60; second++) {
      while (triedAt.size() < log.asked.size()) {
        triedAt.add(second);
      }
      time.advanceTimeBy(SECOND);
    }

    assertThat(triedAt).containsExactly(0L, 1L, 3L, 7L, 15L, 25L, 35L, 45L);
    assertThat(failures).hasSize(7).allMatch(away::equals);
    assertThat(log.asked).allMatch(records -> records.size() == 1);
    assertThat(sent()).isEqualTo(1);
    open();
    time.advanceTimeBy(SECOND);
    assertThat(sent()).as("the pauses are short again").isEqualTo(2);
  }

  @Test
  void storeThatIsAwayIsAskedAgain() {
    List<Long> failedAt = new ArrayList<>();
    OutboxStore broken =
        new OutboxStore() {
          @Override
          public Mono<Integer> send(int limit, Function<List<StatusChange>, Mono<Void>> sending) {
            return Mono.error(away);
          }

          @Override
          public Mono<Backlog> backlog() {
            return Mono.error(away);
          }
        };
    running =
        new StatusSender(
                broken,
                log,
                "statuses",
                new StatusEvents(null),
                time,
                new SimpleMeterRegistry(),
                error -> failedAt.add(time.now(TimeUnit.SECONDS)))
            .start();

    time.advanceTimeBy(SECOND.multipliedBy(12));

    assertThat(failedAt).containsExactly(0L, 1L, 3L, 7L);
    assertThat(log.asked).isEmpty();
  }

  @Test
  void gaugesTellWhatWaitsThoughTheLogIsAway() {
    open();
    open();
    for (int i = 0; i < 5; i++) {
      log.answers.add(Mono.error(away));
    }
    running = sender.start();
    assertThat(gauge("audit.outbox.unsent")).isEqualTo(2);
    assertThat(gauge("audit.outbox.age")).isZero();

    time.advanceTimeBy(SECOND.multipliedBy(7));
    assertThat(gauge("audit.outbox.age")).isEqualTo(7);
    time.advanceTimeBy(SECOND.multipliedBy(30));

    assertThat(gauge("audit.outbox.unsent")).isZero();
    assertThat(gauge("audit.outbox.age")).isZero();
  }

  @Test
  void stoppingLetsWhatWasBegunFinish() {
    Sinks.Empty<Void> durable = Sinks.empty();
    log.answers.add(durable.asMono());
    open();
    running = sender.start();
    open();
    List<String> ended = new ArrayList<>();

    running.dispose();
    sender.ended().subscribe(nothing -> {}, error -> {}, () -> ended.add("ended"));
    assertThat(ended).as("the log has not answered").isEmpty();
    durable.tryEmitEmpty().orThrow();

    assertThat(ended).hasSize(1);
    assertThat(sent()).isEqualTo(1);
    time.advanceTimeBy(SECOND.multipliedBy(60));
    assertThat(log.asked).as("nothing more is begun").hasSize(1);
  }

  @Test
  void stoppingWhileItPausesIsAtOnce() {
    running = sender.start();
    List<String> ended = new ArrayList<>();
    sender.ended().subscribe(nothing -> {}, error -> {}, () -> ended.add("ended"));
    assertThat(ended).isEmpty();

    running.dispose();

    assertThat(ended).hasSize(1);
    assertThat(running.isDisposed()).isTrue();
  }
}
