package io.fileaudit.server.cli;

import io.fileaudit.api.client.DeliveryReport;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Reports like another one until so many files were begun; then it hangs, as loaders do. */
final class SilentReporter implements LoadReporter {
  private final LoadReporter reporter;
  private final CountDownLatch never = new CountDownLatch(1);
  private int left;

  SilentReporter(LoadReporter reporter, int files) {
    this.reporter = reporter;
    this.left = files;
  }

  @Override
  public UUID batch() {
    return reporter.batch();
  }

  @Override
  public int run() {
    return reporter.run();
  }

  @Override
  public void report(FileEvent event) {
    reporter.report(event);
    if (event.type() == EventType.STARTED && left-- == 0) {
      try {
        never.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("stopped");
      }
    }
  }

  @Override
  public void alive() {
    reporter.alive();
  }

  @Override
  public void flush() {
    reporter.flush();
  }

  @Override
  public @Nullable RuntimeException over() {
    return reporter.over();
  }

  @Override
  public DeliveryReport complete() {
    return reporter.complete();
  }

  @Override
  public void fail(String message) {
    reporter.fail(message);
  }

  @Override
  public void cancel(String message) {
    reporter.cancel(message);
  }
}
