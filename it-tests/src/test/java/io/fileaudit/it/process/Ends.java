package io.fileaudit.it.process;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Ends processes and waits for their ends, never for ever. */
public final class Ends {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private Ends() {}

  /** As kill -9 does; returns when the process is gone. */
  static void of(ProcessHandle process) {
    process.destroyForcibly();
    await(process, () -> !process.isAlive());
  }

  /**
   * Waits until that holds, looking when the process ends and now and then: the end of a process
   * that nobody collects is not reported.
   *
   * @throws IllegalStateException where it does not hold within 30 seconds
   */
  public static void await(ProcessHandle process, BooleanSupplier holds) {
    if (!holdsSoon(process, holds, LIMIT)) {
      throw new IllegalStateException("process " + process.pid() + " does not end");
    }
  }

  /** Whether it holds within that time. */
  static boolean holdsSoon(ProcessHandle process, BooleanSupplier holds, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      try {
        process.onExit().get(LOOK_EVERY.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        continue;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return holds.getAsBoolean();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
    return true;
  }
}
