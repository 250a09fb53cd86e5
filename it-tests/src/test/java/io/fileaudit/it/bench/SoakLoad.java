package io.fileaudit.it.bench;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.kafka.KafkaTraffic;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * Loads at a steady rate: ten batches at a time, each for twenty seconds, one in three left to its
 * idle limit and the others completed; and beside each, one that comes by Kafka.
 */
final class SoakLoad {
  private static final int AT_ONCE = 10;
  private static final int TURNS = 20;
  private static final int KAFKA_EVENTS = 80;
  private static final Duration IDLE = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final long TURN_NANOS = 1_000_000_000L / AT_ONCE;

  private static final class Slot {
    private UUID batch;
    private UUID byKafka;
    private int turn;
  }

  private final URI service;
  private final String key;
  private final AuditCalls calls;
  private final KafkaTraffic records;
  private final List<byte[]> chunks = new ArrayList<>();
  private final List<byte[]> recordChunks = new ArrayList<>();
  private final int eventsOfATurn;
  private long accepted;
  private long sentByKafka;
  private long abandoned;
  private int opened;

  /** A load of that many events a second by HTTP; nothing is sent yet. */
  SoakLoad(URI service, String key, AuditCalls calls, KafkaTraffic records, int eventsASecond) {
    this.service = service;
    this.key = key;
    this.calls = calls;
    this.records = records;
    eventsOfATurn = Math.max(1, eventsASecond / AT_ONCE);
    for (int turn = 0; turn < TURNS; turn++) {
      long from = (long) turn * eventsOfATurn;
      chunks.add(Workload.lines(from, from + eventsOfATurn));
      long record = (long) turn * KAFKA_EVENTS;
      recordChunks.add(Workload.lines(record, record + KAFKA_EVENTS));
    }
  }

  /** Loads for that long; where the service is slower than the rate, it is waited for. */
  void run(Duration time) throws Exception {
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      Slot slot = new Slot();
      slot.turn = i * TURNS / AT_ONCE; // They begin and end one after the other.
      begin(slot);
      slots.add(slot);
    }
    long start = System.nanoTime();
    long begun = start;
    try (RawHttp http = new RawHttp(service, key)) {
      for (long turn = 0; System.nanoTime() - start < time.toNanos(); turn++) {
        long early = begun + turn * TURN_NANOS - System.nanoTime();
        if (early > 0) {
          LockSupport.parkNanos(early);
        } else if (-early > TURN_NANOS * AT_ONCE) {
          begun -= early; // What was missed is not made up for.
        }
        Slot slot = slots.get((int) (turn % AT_ONCE));
        send(http, slot);
        if (slot.turn == TURNS) {
          end(slot);
          begin(slot);
        }
      }
    }
    for (Slot slot : slots) {
      end(slot);
    }
    records.flush();
  }

  private void begin(Slot slot) {
    slot.batch = open();
    slot.byKafka = open();
    opened++;
    if (opened > AT_ONCE) {
      slot.turn = 0;
    }
  }

  private UUID open() {
    BatchSpec.Builder spec = BatchSpec.builder().table("soak").period("p" + opened % 100);
    return calls
        .open(
            spec.limit(LimitName.IDLE, Limit.endAfter(IDLE))
                .limit(LimitName.START, Limit.endAfter(IDLE)) // The last ones may get no event.
                .build())
        .block(PATIENCE)
        .id();
  }

  private void send(RawHttp http, Slot slot) throws Exception {
    String answer = http.events(slot.batch, "soak", chunks.get(slot.turn));
    accepted += AuditJson.lenient().readValue(answer, Ack.class).accepted();
    String lines = new String(recordChunks.get(slot.turn), StandardCharsets.US_ASCII);
    for (String line : lines.lines().toList()) {
      var unused = records.send(slot.byKafka, line.substring(1, line.length() - 1));
      sentByKafka++;
    }
    slot.turn++;
  }

  /** Those by Kafka are always left: their last events may still be on the way. */
  private void end(Slot slot) {
    abandoned++;
    if (opened % 3 == 0) {
      abandoned++;
      return;
    }
    calls.status(slot.batch, 1, BatchStatus.COMPLETED, null).block(PATIENCE);
  }

  /** Events that were acknowledged by HTTP. */
  long accepted() {
    return accepted;
  }

  /** Records that were given to Kafka. */
  long sentByKafka() {
    return sentByKafka;
  }

  /** Batches that were left without an ending. */
  long abandoned() {
    return abandoned;
  }
}
