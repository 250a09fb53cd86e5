package io.fileaudit.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

/** A line that comes drop by drop is refused, and a loader that is silent between lines is not. */
class UploadFloorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - SECOND);
  private final TestPublisher<byte[]> body = TestPublisher.create();

  private void send(String piece, int secondsLater) {
    now.addAndGet(secondsLater * SECOND);
    body.next(piece.getBytes(StandardCharsets.UTF_8));
  }

  private StepVerifier.FirstStep<byte[]> sent() {
    Flux<byte[]> floor = UploadFloor.of(body.flux(), now::get);
    return StepVerifier.create(floor);
  }

  @Test
  void byteEveryFiveSecondsIsTooSlow() {
    sent()
        .then(
            () -> {
              for (int i = 0; i < 5; i++) {
                send("x", 5);
              }
            })
        .expectNextCount(4)
        .expectErrorSatisfies(
            error -> {
              assertThat(((AuditException) error).type()).isEqualTo(ProblemType.REQUEST_TIMEOUT);
              assertThat(error).hasMessageContaining("5 bytes in 20 s");
            })
        .verify(PATIENCE);
  }

  @Test
  void silenceBetweenLinesIsAllowed() {
    sent()
        .then(
            () -> {
              send("{\"a\":1}\n", 3_600);
              send("{\"a\":2}\n{\"a\"", 3_600);
              send(":3}\n", 3_600);
              send("x\n", 3_600);
              body.complete();
            })
        .expectNextCount(4)
        .expectComplete()
        .verify(PATIENCE);
  }

  @Test
  void slowLineIsAllowedAboveTheFloor() {
    sent()
        .then(
            () -> {
              for (int i = 0; i < 60; i++) {
                send("x".repeat(70), 1);
              }
              send("\n", 1);
              body.complete();
            })
        .expectNextCount(61)
        .expectComplete()
        .verify(PATIENCE);
  }

  @Test
  void partOfALineThatWasLeftInABufferIsAllowed() {
    sent()
        .then(
            () -> {
              send("x".repeat(4_096), 1);
              send("y".repeat(4_000) + "\nz", 600);
              send("z".repeat(8_000), 100);
              body.complete();
            })
        .expectNextCount(3)
        .expectComplete()
        .verify(PATIENCE);
  }
}
