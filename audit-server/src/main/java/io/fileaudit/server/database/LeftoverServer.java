package io.fileaudit.server.database;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deals with what a killed service or a killed server left on a cluster: a server that still runs,
 * its orphaned processes, or a process number that now belongs to a stranger.
 */
final class LeftoverServer {
  private static final Logger log = LoggerFactory.getLogger(LeftoverServer.class);
  private static final Duration NOTICE_LIMIT = Duration.ofSeconds(10);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(5);
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  private LeftoverServer() {}

  /**
   * Makes the cluster ready for a start. A running server is stopped rather than taken over: the
   * new one then has this release's programs and settings, and the stop costs a moment.
   */
  static void clear(PostmasterFile file, ServerControl control) throws IOException {
    Optional<ProcessHandle> server = file.server();
    if (server.isPresent()) {
      log.warn(
          "stopping the PostgreSQL that an earlier service left running, process {}",
          server.get().pid());
      control.stop();
    }
    if (file.exists()) {
      endOrphans(file);
      file.disown();
    }
  }

  /**
   * The processes of a killed server end by themselves once they notice; until then no new server
   * may start. Those that do not notice in time (a long statement) are killed: their transactions
   * are lost already.
   */
  private static void endOrphans(PostmasterFile file) {
    for (ProcessHandle orphan : leftAfter(NOTICE_LIMIT, file)) {
      log.warn("killing process {} of a PostgreSQL that is gone", orphan.pid());
      orphan.destroyForcibly();
    }
    for (ProcessHandle orphan : leftAfter(KILL_LIMIT, file)) {
      log.warn("process {} of a PostgreSQL that is gone cannot be killed", orphan.pid());
    }
  }

  private static List<ProcessHandle> leftAfter(Duration limit, PostmasterFile file) {
    long deadline = System.nanoTime() + limit.toNanos();
    List<ProcessHandle> left = file.serverProcesses();
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      awaitExit(left.get(0));
      left = file.serverProcesses();
    }
    return left;
  }

  /** Shortly, since the end of a process that nobody collects is not reported. */
  private static void awaitExit(ProcessHandle process) {
    try {
      process.onExit().get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      log.trace("{} still runs", process.pid());
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedDatabaseException("interrupted while waiting for an old server", e);
    }
  }
}
