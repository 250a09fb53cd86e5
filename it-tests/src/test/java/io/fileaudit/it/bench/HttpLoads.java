package io.fileaudit.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.json.AuditJson;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Loads by HTTP that benchmarks time: the same events in one stream or spread over many batches.
 *
 * @param service where the service is
 * @param key the key that it lets in
 * @param events how many events
 */
record HttpLoads(URI service, String key, int events) {
  static final int BATCHES = 1_000;
  private static final int EVENTS_OF_A_TURN = 40;

  /** The events as the body of one stream. */
  byte[] stream() {
    return Workload.lines(0, events);
  }

  /** One stream to one batch; gives nanoseconds from its first byte to its acknowledgement. */
  long oneStream(UUID batch, byte[] stream) throws IOException {
    try (RawHttp http = new RawHttp(service, key)) {
      http.open(batch);
      long begun = System.nanoTime();
      http.beginEvents(batch, "bench", "application/json", stream.length);
      http.write(stream);
      Ack ack = AuditJson.lenient().readValue(http.answer(), Ack.class);
      long nanos = System.nanoTime() - begun;
      assertThat(ack.accepted()).isEqualTo(events);
      return nanos;
    }
  }

  /** One stream to each of 1,000 batches, all open at once, served in turns of 40 events. */
  long manyBatches() throws IOException {
    List<byte[]> turns = new ArrayList<>();
    int ofABatch = events / BATCHES;
    for (int from = 0; from < ofABatch; from += EVENTS_OF_A_TURN) {
      turns.add(Workload.lines(from, Math.min(ofABatch, from + EVENTS_OF_A_TURN)));
    }
    long bytes = turns.stream().mapToLong(turn -> turn.length).sum();
    List<RawHttp> streams = new ArrayList<>();
    List<UUID> batches = Stream.generate(UUID::randomUUID).limit(BATCHES).toList();
    try {
      for (UUID batch : batches) {
        RawHttp http = new RawHttp(service, key);
        streams.add(http);
        http.open(batch);
      }
      long begun = System.nanoTime();
      for (int i = 0; i < BATCHES; i++) {
        streams.get(i).beginEvents(batches.get(i), "bench", "application/json", bytes);
      }
      for (byte[] turn : turns) {
        for (RawHttp http : streams) {
          http.write(turn);
        }
      }
      long accepted = 0;
      for (RawHttp http : streams) {
        accepted += AuditJson.lenient().readValue(http.answer(), Ack.class).accepted();
      }
      long nanos = System.nanoTime() - begun;
      assertThat(accepted).isEqualTo(events);
      return nanos;
    } finally {
      for (RawHttp http : streams) {
        http.close();
      }
    }
  }
}
