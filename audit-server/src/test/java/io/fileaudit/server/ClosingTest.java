package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.store.MemoryAuditStore;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;
import tools.jackson.databind.JsonNode;

/** A node that stops in the middle of streams: what was read is committed and acknowledged. */
class ClosingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String LINE = "{\"type\":\"COMPLETED\",\"file\":\"%s\"}\n";

  private final MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());

  private BatchKey key(String path) {
    return new BatchKey("default", UUID.fromString(path.substring(path.lastIndexOf('/') + 1)));
  }

  private void holds(String batch, int events) {
    StepVerifier.create(store.ledger(key(batch), 0))
        .expectNextCount(events)
        .expectComplete()
        .verify(PATIENCE);
    StepVerifier.create(store.rejected(key(batch), 0, 10)).expectComplete().verify(PATIENCE);
    StepVerifier.create(store.find(key(batch)))
        .assertNext(found -> assertThat(found.state().status().isOpen()).isTrue())
        .expectComplete()
        .verify(PATIENCE);
  }

  @Test
  void streamsEndBetweenTwoLinesAndTheBatchStaysOpen() throws Exception {
    Node node = Node.start(store);
    String watched = node.opened("");
    String summed = node.opened("");
    try (StreamingCall acks = node.streaming(watched, "Accept", Node.NDJSON);
        StreamingCall summary = node.streaming(summed, "Accept", "application/json")) {
      acks.send(LINE.formatted("a") + "{\"type\":\"COMPL");
      assertThat(acks.line()).contains("\"accepted\":1");
      summary.send(LINE.formatted("a") + LINE.formatted("b") + "{\"type\":\"COMPL");
      awaitEvents(summed, 2);

      CompletableFuture<Void> closing = CompletableFuture.runAsync(node::close);

      assertThat(acks.line()).as("the acknowledgements end").isEmpty();
      assertThat(summary.head()).startsWith("HTTP/1.1 503").containsIgnoringCase("Retry-After");
      JsonNode problem = AuditJson.lenient().readTree(summary.rest());
      assertThat(problem.at("/type").asString()).isEqualTo("/problems/unavailable");
      assertThat(problem.at("/acknowledgement/accepted").asInt()).isEqualTo(2);
      assertThat(problem.at("/acknowledgement/last_line").asInt()).isEqualTo(2);
      closing.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    holds(watched, 1);
    holds(summed, 2);
  }

  private void awaitEvents(String batch, int events) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (Boolean.FALSE.equals(
        store.ledger(key(batch), 0).count().map(n -> n == events).toFuture().join())) {
      assertThat(System.nanoTime()).as("waited for too long").isLessThan(end);
    }
  }

  @Test
  void closedNodeAnswersNobody() throws IOException {
    Node node = Node.start(store);
    int port = node.port();
    node.get("/api/v1/batches").is(200);

    node.close();

    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> new java.net.Socket("127.0.0.1", port).close())
        .isInstanceOf(java.net.ConnectException.class);
  }
}
