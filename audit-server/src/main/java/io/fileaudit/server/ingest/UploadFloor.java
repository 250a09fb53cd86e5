package io.fileaudit.server.ingest;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.util.function.LongSupplier;
import reactor.core.publisher.Flux;

/**
 * Refuses a stream whose line comes drop by drop. Between lines a loader may be silent as long as
 * its batch allows; within a line nobody sends a few bytes every few seconds in good faith. Judged
 * when bytes come, so that it needs no timer.
 */
final class UploadFloor {
  private static final long SECOND = 1_000_000_000L;
  private static final long GRACE_SECONDS = 20;
  private static final long BYTES_PER_SECOND = 64;

  private final LongSupplier nanoClock;
  private long lineBegan;
  private long lineBytes;

  private UploadFloor(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.lineBegan = nanoClock.getAsLong();
  }

  /**
   * The same bytes; {@code request-timeout} where a line that is older than 20 seconds has come at
   * less than 64 bytes a second and is still not whole. Lazy; keeps demand and cancellation.
   */
  static Flux<byte[]> of(Flux<byte[]> body, LongSupplier nanoClock) {
    return Flux.defer(
        () -> {
          UploadFloor floor = new UploadFloor(nanoClock);
          return body.doOnNext(floor::check);
        });
  }

  private void check(byte[] piece) {
    long now = nanoClock.getAsLong();
    int end = piece.length - 1;
    while (end >= 0 && piece[end] != '\n') {
      end--;
    }
    if (end >= 0 || lineBytes == 0) {
      lineBegan = now;
      lineBytes = piece.length - 1L - end;
      return;
    }
    lineBytes += piece.length;
    long seconds = (now - lineBegan) / SECOND;
    if (seconds >= GRACE_SECONDS && lineBytes < seconds * BYTES_PER_SECOND) {
      throw new AuditException(
          ProblemType.REQUEST_TIMEOUT,
          "a line came at "
              + lineBytes
              + " bytes in "
              + seconds
              + " s, expected at least "
              + BYTES_PER_SECOND
              + " bytes a second within a line");
    }
  }
}
