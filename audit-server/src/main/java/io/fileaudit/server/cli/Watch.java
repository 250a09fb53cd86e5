package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.Tagged;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Follows one batch until it has ended, over absences of the service. Waits on the calling thread.
 * For one batch.
 */
final class Watch {
  /** Told what there is to see. */
  interface Screen {
    /** The batch is another than before, in more than its clocks. */
    void changed(Snapshot batch, @Nullable Double rowsPerSecond);

    /** Time went by, or the service went away or came back. */
    void passed(WatchView view);
  }

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  private final AuditCalls client;
  private final Screen screen;
  private final LongSupplier nanoTime;
  private final RowRate rate = new RowRate();
  private final Retrying retrying;
  private @Nullable Snapshot seen;
  private long seenAt;
  private @Nullable String notice;

  /**
   * A watch by that monotonic clock of nanoseconds.
   *
   * @param away is told when the service goes away and when it is back
   */
  Watch(
      AuditCalls client,
      Screen screen,
      java.util.function.Consumer<String> away,
      LongSupplier nanoTime) {
    this.client = client;
    this.screen = screen;
    this.nanoTime = nanoTime;
    this.retrying =
        new Retrying(
            FOR_EVER,
            said -> {
              notice = said.startsWith("reconnecting") ? "reconnecting …" : null;
              away.accept(said);
            },
            nanoTime);
  }

  /** The batch as it ended. */
  Snapshot run(UUID batch) {
    String tag = null;
    while (true) {
      Optional<Tagged<Snapshot>> found;
      try {
        found = look(batch, tag);
        retrying.succeeded();
      } catch (RuntimeException e) {
        if (seen == null) {
          throw e; // Nothing was ever there: no absence, but a mistake.
        }
        Duration pause = retrying.pauseAfter(e);
        tick();
        Waiting.meanwhile(Mono.delay(pause), TICK, this::tick);
        continue;
      }
      if (found.isPresent()) {
        tag = found.get().tag();
        show(found.get().value());
        if (!found.get().value().status().isOpen()) {
          return found.get().value();
        }
      }
    }
  }

  /**
   * Flags come with time and change no tag, so a look without one follows where nothing changed.
   */
  private Optional<Tagged<Snapshot>> look(UUID batch, @Nullable String tag) {
    Mono<Tagged<Snapshot>> now = client.snapshot(batch, LONGEST_WAIT, null);
    return Waiting.meanwhile(
        tag == null ? now : client.snapshot(batch, LONGEST_WAIT, tag).switchIfEmpty(now),
        TICK,
        this::tick);
  }

  private void show(Snapshot batch) {
    Snapshot before = seen;
    seen = batch;
    seenAt = nanoTime.getAsLong();
    rate.add(batch);
    if (before == null || !isSame(before, batch)) {
      screen.changed(batch, rate.perSecond(0));
    }
  }

  private static boolean isSame(Snapshot before, Snapshot after) {
    return before.version() == after.version()
        && before.run() == after.run()
        && before.flags().equals(after.flags())
        && before.totals().equals(after.totals());
  }

  private void tick() {
    Snapshot batch = seen;
    if (batch != null) {
      double since = (nanoTime.getAsLong() - seenAt) / 1e9;
      screen.passed(new WatchView(batch, since, rate.perSecond(since), notice));
    }
  }
}
