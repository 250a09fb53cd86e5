package io.fileaudit.server.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The lines that were read and are not acknowledged, between one thread that reads and requests
 * that come one after another. Bounded: who reads waits while it is full. Thread-safe.
 */
final class LineWindow {
  private static final int MOST_LINES = 20_000;
  private static final long MOST_BYTES = 16L * 1024 * 1024;

  private final List<SentLine> lines = new ArrayList<>();
  private long first;
  private long bytes;
  private boolean ended;
  private @Nullable RuntimeException failure;

  /** Adds a line; waits while there is no room. */
  synchronized void put(SentLine line) throws InterruptedException {
    while (lines.size() >= MOST_LINES || bytes >= MOST_BYTES) {
      wait();
    }
    lines.add(line);
    bytes += line.json().length;
    notifyAll();
  }

  /**
   * There are no more lines.
   *
   * @param error why the input could not be read to its end; null where it was
   */
  synchronized void end(@Nullable RuntimeException error) {
    ended = true;
    failure = error;
    notifyAll();
  }

  /** How many lines are acknowledged, which is the index of the first that is not. */
  synchronized long acknowledged() {
    return first;
  }

  /** Whether every line is acknowledged and no more will come. */
  synchronized boolean isDone() {
    return ended && lines.isEmpty();
  }

  /** The line of that index, from 0; only one that is not acknowledged. */
  synchronized SentLine get(long index) {
    return lines.get(Math.toIntExact(index - first));
  }

  /** So many lines from the first on are acknowledged. */
  synchronized void acknowledge(long count) {
    if (count > first) {
      List<SentLine> stored = lines.subList(0, Math.toIntExact(count - first));
      stored.forEach(line -> bytes -= line.json().length);
      stored.clear();
      first = count;
      notifyAll();
    }
  }

  /**
   * Hands over the lines from that index on until the input ends, as they come.
   *
   * @throws CancellationException where the thread is interrupted
   * @throws RuntimeException why the input could not be read to its end, after what was read
   */
  void feed(long from, Consumer<byte[]> sink) {
    for (long index = from; ; index++) {
      byte[] line = await(index);
      if (line == null) {
        return;
      }
      sink.accept(line);
    }
  }

  private synchronized byte @Nullable [] await(long index) {
    while (index >= first + lines.size()) {
      if (failure != null) {
        throw failure;
      }
      if (ended) {
        return null;
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("nobody listens any more");
      }
    }
    return get(index).json();
  }
}
