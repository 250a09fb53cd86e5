package io.fileaudit.api.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The lines that are not settled yet, in the order of their positions: the memory of a client, and
 * its bound. Lines are counted from 0; settling takes them away from the front. Thread-safe; only
 * {@link #put} waits.
 */
final class Window {
  private final int capacity;
  private final List<@Nullable Line> lines = new ArrayList<>();
  private int head;
  private long first;
  private long nextPosition;
  private Runnable listener = () -> {};
  private @Nullable RuntimeException failure;

  /**
   * An empty window.
   *
   * @param capacity how many lines {@link #put} leaves in it
   */
  Window(int capacity) {
    this.capacity = capacity;
  }

  /** Who is told, outside of any lock, that there are more lines. */
  synchronized void onMore(Runnable told) {
    listener = told;
  }

  /**
   * Adds a line as soon as there is room.
   *
   * @param made makes the line with the position that it is given
   * @throws RuntimeException the failure of {@link #fail}, before or while it waits
   * @throws CancellationException where the thread is interrupted
   */
  void put(LongFunction<Line> made) {
    Runnable told;
    synchronized (this) {
      while (failure == null && size() >= capacity) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new CancellationException("interrupted while the service takes nothing more");
        }
      }
      told = add(made);
    }
    told.run();
  }

  /** Adds a line at once, also beyond the capacity: for streams that bound themselves. */
  void push(LongFunction<Line> made) {
    Runnable told;
    synchronized (this) {
      told = add(made);
    }
    told.run();
  }

  private Runnable add(LongFunction<Line> made) {
    if (failure != null) {
      throw failure;
    }
    lines.add(made.apply(nextPosition + 1));
    nextPosition++;
    return listener;
  }

  /** The number of the first line that is not settled. */
  synchronized long first() {
    return first;
  }

  /** The number that the next line will have. */
  synchronized long end() {
    return first + size();
  }

  synchronized boolean isEmpty() {
    return size() == 0;
  }

  /** How many lines are not settled. */
  synchronized int waiting() {
    return size();
  }

  /** The first lines that are not settled, at most so many. */
  synchronized List<Line> oldest(int most) {
    return from(first, most);
  }

  /** The lines from one number on, at most so many. */
  synchronized List<Line> from(long number, int most) {
    int begin = head + (int) (number - first);
    List<Line> found = new ArrayList<>();
    for (Line line : lines.subList(begin, Math.min(lines.size(), begin + most))) {
      found.add(Objects.requireNonNull(line));
    }
    return found;
  }

  /** Takes the lines below that number away, as settled, and gives them. */
  synchronized List<Line> settle(long below) {
    int count = (int) Math.max(0, Math.min(below - first, size()));
    List<Line> settled = from(first, count);
    Collections.fill(lines.subList(head, head + count), null);
    head += count;
    first += count;
    if (head > lines.size() / 2) {
      lines.subList(0, head).clear();
      head = 0;
    }
    notifyAll();
    return settled;
  }

  private int size() {
    return lines.size() - head;
  }

  /** Nothing more is taken, and whoever waits gets that failure; the first one stays. */
  synchronized void fail(RuntimeException error) {
    if (failure == null) {
      failure = error;
    }
    notifyAll();
  }
}
