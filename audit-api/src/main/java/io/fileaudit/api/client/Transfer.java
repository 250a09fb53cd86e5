package io.fileaudit.api.client;

import io.fileaudit.api.event.Ack;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;
import reactor.util.Logger;
import reactor.util.Loggers;
import reactor.util.context.Context;

/**
 * One request that carries the lines of a window, as they come, until it is finished. A service
 * that owes an acknowledgement for too long is given up.
 */
final class Transfer {
  private static final Logger log = Loggers.getLogger(Transfer.class);

  /** Hears what becomes of a transfer, on the network's threads or on that of the watch. */
  interface Hearer {
    /** Lines were answered, refused ones among them; positions are in the place of line numbers. */
    void answered(List<Line> lines, Ack ack);

    /** The request is over: in order, or with that error. Said once, and last. */
    void over(Transfer transfer, @Nullable Throwable error);
  }

  private static final int LOOKS = 4;

  /**
   * What still comes of a request that was given up, as the verdict of a batch that was ended,
   * concerns nobody and is no error of a loader; Reactor reads this name from the context.
   */
  private static final Context UNHEARD =
      Context.of(
          "reactor.onErrorDropped.local",
          (Consumer<Throwable>) error -> log.debug("of a request that was given up", error));

  private final Window window;
  private final WindowSource source;
  private final Hearer hearer;
  private final Disposable.Composite running = Disposables.composite();
  private long answered;
  private long answeredAtLastLook;
  private int looksWithoutAnswer;
  private boolean over;

  /** A transfer of what is in that window, and of what comes to it. */
  Transfer(Window window, Hearer hearer) {
    this.window = window;
    this.source = new WindowSource(window);
    this.hearer = hearer;
  }

  /**
   * Begins the request.
   *
   * @param watch looks whether acknowledgements come
   * @param answerAfter how long one may be owed
   */
  void begin(
      AuditCalls calls,
      UUID batch,
      int run,
      String producer,
      Scheduler watch,
      Duration answerAfter) {
    long period = Math.max(1, answerAfter.toMillis() / LOOKS);
    running.add(watch.schedulePeriodically(this::look, period, period, TimeUnit.MILLISECONDS));
    running.add(
        calls
            .sendLines(batch, run, producer, source)
            .subscribe(this::answered, this::end, () -> end(null), UNHEARD));
  }

  private void answered(Ack ack) {
    List<Line> lines;
    long before;
    synchronized (this) {
      if (over) {
        return;
      }
      before = answered;
      lines = window.settle(Math.min(source.begin() + ack.lastLine(), source.reached()));
      answered += lines.size();
    }
    if (!lines.isEmpty()) {
      hearer.answered(lines, Positions.of(ack, lines, before));
    }
  }

  private void look() {
    synchronized (this) {
      boolean owed = source.isFinished() || source.reached() > window.first();
      boolean waits = owed && answered == answeredAtLastLook;
      answeredAtLastLook = answered;
      looksWithoutAnswer = waits ? looksWithoutAnswer + 1 : 0;
      if (looksWithoutAnswer <= LOOKS) {
        return;
      }
    }
    end(new UnreachableException("the service does not acknowledge what it was sent", null));
  }

  private void end(@Nullable Throwable error) {
    if (stop()) {
      hearer.over(this, error);
    }
  }

  /** Says that there are more lines. */
  void more() {
    source.more();
  }

  /** Ends the request after the lines that are there. */
  void finish() {
    source.finish();
  }

  /** Gives the request up; nothing is heard of it any more. */
  void cancel() {
    stop();
  }

  /** Whether it was given up, or is over. */
  synchronized boolean isOver() {
    return over;
  }

  private boolean stop() {
    synchronized (this) {
      if (over) {
        return false;
      }
      over = true;
    }
    running.dispose();
    return true;
  }
}
