package io.fileaudit.api.client;

import io.fileaudit.api.batch.StatusRequest;
import io.fileaudit.api.event.Ack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Where the lines of one delivery go while the service cannot be reached: from its window to the
 * disk, and later from there to the service. Thread-safe; what waits for the disk runs on its
 * thread.
 */
final class Overflow {
  /** Hears what becomes of lines, on the disk's thread. */
  interface Hearer {
    /** Lines are durable on the disk, and no longer in the window. */
    void kept(List<Line> lines);

    /** There is no room for more; lines stay in the window from now on. */
    void full(String why);

    /** The disk cannot be written; lines stay in the window from now on. */
    void failed(RuntimeException why);

    /** Nothing is being written. */
    void idle();
  }

  private static final int AT_A_TIME = 1_000;

  private final DeliverySettings settings;
  private final Spool spool;
  private final Supplier<SpooledBatch> batch;
  private final Window window;
  private final Hearer hearer;
  private final AtomicInteger work = new AtomicInteger();
  private volatile boolean active;
  private volatile boolean holding;
  private @Nullable BatchSpool place;

  /**
   * The overflow of a window, with nothing on the disk.
   *
   * @param batch to which batch the lines belong, as far as that is known
   */
  Overflow(
      DeliverySettings settings,
      Spool spool,
      Supplier<SpooledBatch> batch,
      Window window,
      Hearer hearer) {
    this.settings = settings;
    this.spool = spool;
    this.batch = batch;
    this.window = window;
    this.hearer = hearer;
  }

  /** Lines go to the disk from now on. */
  void begin() {
    active = true;
    more();
  }

  /** Lines stay in the window from now on. */
  void stop() {
    active = false;
  }

  boolean isActive() {
    return active;
  }

  /** Whether lines of the window may be on their way to the disk. */
  boolean isBusy() {
    return active || work.get() != 0;
  }

  /** Whether lines are on the disk that are not acknowledged. */
  boolean isHolding() {
    return holding;
  }

  /** Says that the window has more lines. */
  void more() {
    if (active && work.getAndIncrement() == 0) {
      settings.disk().schedule(this::drain);
    }
  }

  private void drain() {
    int missed = 1;
    do {
      try {
        while (active && keep()) {
          // Until the window is empty.
        }
      } catch (IOException e) {
        active = false;
        hearer.failed(new UncheckedIOException("events cannot be kept on the disk", e));
      }
      missed = work.addAndGet(-missed);
    } while (missed != 0);
    hearer.idle();
  }

  private boolean keep() throws IOException {
    long begin = window.first();
    List<Line> lines = window.from(begin, AT_A_TIME);
    if (lines.isEmpty()) {
      return false;
    }
    holding = true;
    if (!place().append(lines)) {
      active = false;
      hearer.full("the spool is full: " + spool.bytes() + " bytes wait in it");
      return false;
    }
    hearer.kept(window.settle(begin + lines.size()));
    return true;
  }

  private BatchSpool place() throws IOException {
    BatchSpool known = place;
    if (known == null) {
      known = spool.create(batch.get());
      place = known;
    }
    return known;
  }

  /**
   * Sends what is on the disk, and takes it away where all of it was answered. Lazy; errors as of
   * {@link DiskSending#of}.
   */
  Mono<Void> send(int run, BiConsumer<List<Line>, Ack> answered) {
    return Mono.defer(
            () -> {
              BatchSpool known = place;
              return known == null
                  ? Mono.<Void>empty()
                  : DiskSending.of(settings, batch.get(), run, -1, known, answered);
            })
        .then(onDisk(this::clear))
        .subscribeOn(settings.disk());
  }

  private void clear() throws IOException {
    BatchSpool known = place;
    if (known == null || known.isEmpty()) {
      if (known != null) {
        known.delete();
        place = null;
      }
      holding = false;
    }
  }

  /** Leaves everything to a later client, with the ending that the batch is to have. */
  Mono<Void> leave(@Nullable StatusRequest ending) {
    return onDisk(
        () -> {
          BatchSpool known = ending == null ? place : place();
          if (known != null) {
            known.write(batch.get());
            if (ending != null) {
              known.write(ending);
            }
            known.close();
            place = null;
          }
        });
  }

  private interface DiskTask {
    void run() throws IOException;
  }

  private Mono<Void> onDisk(DiskTask task) {
    return Mono.<Void>fromRunnable(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .subscribeOn(settings.disk());
  }
}
