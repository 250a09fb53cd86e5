package io.fileaudit.server.database;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the server again where it ended without being told to, as when the system killed it for
 * want of memory; else the service would answer {@code unavailable} until somebody restarts it.
 * Looks twice a second, on a thread of its own, and after a start that failed ever more rarely.
 */
final class ServerKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServerKeeper.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration END_LIMIT = Duration.ofSeconds(10);

  /** Starts the server anew, whatever is left of the old one. */
  @FunctionalInterface
  interface Restart {
    void run() throws IOException;
  }

  private final PostmasterFile file;
  private final int port;
  private final Restart restart;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(ServerKeeper::daemon);

  // Touched by that thread alone; times are of System.nanoTime.
  private Duration pause = LOOK_EVERY;
  private long notBefore = System.nanoTime();

  private ServerKeeper(PostmasterFile file, int port, Restart restart) {
    this.file = file;
    this.port = port;
    this.restart = restart;
  }

  /** Keeps the server of that file, which listens on that port, until closed. */
  static ServerKeeper of(PostmasterFile file, int port, Restart restart) {
    ServerKeeper keeper = new ServerKeeper(file, port, restart);
    long nanos = LOOK_EVERY.toNanos();
    ScheduledFuture<?> unused =
        keeper.thread.scheduleWithFixedDelay(keeper::look, nanos, nanos, TimeUnit.NANOSECONDS);
    return keeper;
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "audit-database");
    thread.setDaemon(true);
    return thread;
  }

  private void look() {
    if (System.nanoTime() - notBefore < 0) {
      return;
    }
    try {
      if (hasEnded()) {
        log.warn("PostgreSQL has ended without being told to; starting it again");
        restart.run();
        log.info("PostgreSQL listens on {}:{} again", ServerPort.HOST, port);
      }
      pause = LOOK_EVERY;
    } catch (IOException | RuntimeException e) {
      pauseAfter(e);
    }
  }

  /** Whoever still answers on the port keeps it from being started, so that looking errs safely. */
  private boolean hasEnded() throws IOException {
    return file.server().isEmpty() && ServerPort.isFree(port);
  }

  private void pauseAfter(Exception failure) {
    if (thread.isShutdown()) {
      return;
    }
    Duration doubled = pause.multipliedBy(2);
    pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    notBefore = System.nanoTime() + pause.toNanos();
    log.error("PostgreSQL could not be started again; the next try comes in {}", pause, failure);
  }

  /** Starts nothing any more; a start under way is given up and what it left is to be stopped. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        log.warn("a start of PostgreSQL is still under way");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
