package io.fileaudit.it.browser;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.problem.AuditException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What loaders do, for the page to show. */
final class Loads {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final AuditCalls client;

  Loads(AuditCalls client) {
    this.client = client;
  }

  static <T> T now(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE));
  }

  UUID open(BatchSpec.Builder spec) {
    return now(client.open(spec.build())).id();
  }

  UUID open(String table, String period) {
    return open(BatchSpec.builder().table(table).period(period));
  }

  void send(UUID batch, FileEvent... events) {
    send(batch, Flux.fromArray(events));
  }

  void send(UUID batch, Flux<FileEvent> events) {
    client.send(batch, 1, null, events).blockLast(PATIENCE);
  }

  /** Sends lines of which any, and all, may be refused. */
  void lines(UUID batch, String... lines) {
    client
        .sendJson(
            batch,
            1,
            null,
            Flux.fromArray(lines).map(line -> line.getBytes(StandardCharsets.UTF_8)))
        .onErrorComplete(AuditException.class)
        .blockLast(PATIENCE);
  }

  void status(UUID batch, int run, BatchStatus status) {
    now(client.status(batch, run, status, null));
  }

  /** A batch of that many files, {@code 0000000.csv} and on, spread over which some have failed. */
  UUID many(String table, String period, int files, int failures) {
    UUID batch = open(BatchSpec.builder().table(table).period(period).expectedFiles(files));
    int every = files / failures;
    send(batch, Flux.range(0, files).map(number -> many(number, every)));
    return batch;
  }

  private static FileEvent many(int number, int every) {
    String file = "part-%03d/%07d.csv".formatted(number / 1000, number);
    return number % every == every - 1
        ? failed(file, number % 2 == 0 ? "bad-date" : ERRORS[number / every % ERRORS.length])
        : completed(file, 1000 + number % 997);
  }

  private static final String[] ERRORS = {"bad-number", "too-few-columns", "corrupt-archive"};

  static FileEvent started(String file) {
    return FileEvent.of(EventType.STARTED, file).build();
  }

  static FileEvent progress(String file, long rows) {
    return FileEvent.of(EventType.PROGRESS, file).rows(rows).bytes(rows * 83).build();
  }

  static FileEvent completed(String file, long rows) {
    return FileEvent.of(EventType.COMPLETED, file)
        .rows(rows)
        .bytes(rows * 83)
        .checksum("sha256:" + "%016x".formatted(file.hashCode() * 0x9E3779B97F4A7C15L).repeat(4))
        .build();
  }

  static FileEvent failed(String file, String code) {
    return FileEvent.of(EventType.FAILED, file)
        .rows(41L)
        .error(code, "line 42: what the file holds is not what the table takes")
        .build();
  }
}
