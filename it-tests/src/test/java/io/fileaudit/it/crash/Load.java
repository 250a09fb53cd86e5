package io.fileaudit.it.crash;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** The loading of one batch: its numbered events, and what was acknowledged of them. */
final class Load {
  /** Started, under way and completed. */
  private static final int EVENTS_OF_A_FILE = 3;

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final UUID batch = UUID.randomUUID();
  private final List<FileEvent> events = new ArrayList<>();
  private final List<Ack> acks = new CopyOnWriteArrayList<>();
  private final AtomicInteger given = new AtomicInteger();
  private final Sinks.Empty<Void> goOn = Sinks.empty();
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /** A load of so many files, not begun. */
  Load(int files) {
    for (int file = 0; file < files; file++) {
      String name = "landing/file-" + file + ".csv";
      add(FileEvent.of(EventType.STARTED, name));
      add(FileEvent.of(EventType.PROGRESS, name).rows(file / 2L));
      add(FileEvent.of(EventType.COMPLETED, name).rows((long) file).bytes(100L * file));
    }
  }

  private void add(FileEvent.Builder event) {
    events.add(event.position(events.size() + 1L).build());
  }

  UUID batch() {
    return batch;
  }

  /** All of its events; positions count from 1 without a gap. */
  List<FileEvent> events() {
    return events;
  }

  int files() {
    return events.size() / EVENTS_OF_A_FILE;
  }

  void open(AuditCalls client) {
    client.open(batch, BatchSpec.builder().expectedFiles(files()).build()).block(LIMIT);
  }

  /** Begins to send the first so many events, and the others when it is to go on. */
  void begin(AuditCalls client, int first) {
    Flux<FileEvent> others = Flux.fromIterable(events.subList(first, events.size()));
    Flux<FileEvent> source =
        Flux.fromIterable(events.subList(0, first))
            .concatWith(others.delaySubscription(goOn.asMono()));
    client
        .send(batch, 1, producer(), source.doOnNext(event -> given.incrementAndGet()))
        .subscribe(acks::add, over::completeExceptionally, () -> over.complete(null));
  }

  /** Sends the others as well. */
  void goOn() {
    goOn.tryEmitEmpty().orThrow();
  }

  /** Sends all of its events again and gives what was acknowledged, as one. */
  Ack sendAll(AuditCalls client) {
    Ack all =
        client.send(batch, 1, producer(), Flux.fromIterable(events)).reduce(Ack::and).block(LIMIT);
    if (all == null) {
      throw new IllegalStateException("nothing was acknowledged");
    }
    return all;
  }

  private String producer() {
    return "loader-of-" + batch;
  }

  /** What was acknowledged of what was begun, in the order in which it came. */
  List<Ack> acks() {
    return acks;
  }

  /** How many events were acknowledged of what was begun: the first ones. */
  long acknowledged() {
    return acks.stream().mapToLong(Ack::lastLine).max().orElse(0);
  }

  /** How many events were handed to the client. */
  int given() {
    return given.get();
  }

  /** Ends with what was begun, in order or with its error. */
  CompletableFuture<Void> over() {
    return over;
  }
}
