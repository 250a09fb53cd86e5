package io.fileaudit.server.cli;

import io.fileaudit.api.client.BlockingBatch;
import io.fileaudit.api.client.DeliveryReport;
import io.fileaudit.api.client.IncompleteException;
import io.fileaudit.api.event.FileEvent;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * What a load tells the audit service about its batch. Thread-safe. Once the batch was ended or
 * taken over by somebody else, telling throws an {@link io.fileaudit.api.problem.AuditException}.
 */
interface LoadReporter {

  /** The batch. */
  UUID batch();

  /** Which of its runs. */
  int run();

  /** Tells of a file; the attempt is added to it. */
  void report(FileEvent event);

  /** Says that the load is at work; costs next to nothing. */
  void alive();

  /** Waits until all that was told is durable. */
  void flush();

  /** Why nothing more is taken; null while the batch goes on. */
  @Nullable RuntimeException over();

  /** Delivers what is left and asks for COMPLETED; look at what the report says. */
  DeliveryReport complete();

  /** Ends the batch FAILED where that can be said soon; has no errors. */
  void fail(String message);

  /** Ends the batch CANCELLED where that can be said soon; has no errors. */
  void cancel(String message);

  /** Reports through the client that loaders hold. */
  static LoadReporter of(BlockingBatch batch) {
    return new OfClient(batch);
  }

  /** Over a batch of the client. */
  record OfClient(BlockingBatch open) implements LoadReporter {
    private static final Duration LAST_WORD = Duration.ofSeconds(5);

    @Override
    public UUID batch() {
      return open.id();
    }

    @Override
    public int run() {
      return open.run();
    }

    @Override
    public void report(FileEvent event) {
      open.report(event);
    }

    @Override
    public void alive() {
      open.alive();
    }

    @Override
    public void flush() {
      open.flush();
    }

    @Override
    public @Nullable RuntimeException over() {
      return open.report().failure();
    }

    @Override
    public DeliveryReport complete() {
      try {
        return open.complete();
      } catch (IncompleteException e) {
        DeliveryReport report = e.report();
        if (report == null) {
          throw e;
        }
        return report;
      }
    }

    @Override
    public void fail(String message) {
      briefly(Mono.fromCallable(() -> open.fail(message)));
    }

    @Override
    public void cancel(String message) {
      briefly(Mono.fromCallable(() -> open.cancel(message)));
    }

    private static void briefly(Mono<DeliveryReport> ending) {
      Waiting.briefly(ending.subscribeOn(Schedulers.boundedElastic()), LAST_WORD);
    }
  }
}
