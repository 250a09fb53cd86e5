package io.fileaudit.it.crash;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.it.crash.Account.Look;
import io.fileaudit.it.crash.Attempt.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Plays one script against services that come and go, and notes every attempt. What is not known to
 * be stored is sent again as it was. Each step makes one call; steps are made by one thread at a
 * time, notes may be read by any.
 */
class Loader {
  final Script script;
  final Calls calls;
  final Supplier<String> service;
  private final List<Attempt> attempts = new CopyOnWriteArrayList<>();
  private final List<Violation> seen = new CopyOnWriteArrayList<>();
  private final AtomicInteger looks = new AtomicInteger();
  private final Consumer<Attempt> noted;
  private volatile boolean calling;
  private volatile boolean opened;
  private volatile boolean over;
  private volatile @Nullable BatchStatus endedAs;

  // Only touched by steps.
  private volatile int request;
  private boolean begun;
  private boolean repeated;
  private boolean unknown;

  /**
   * A loader that has done nothing yet, and sends each call to the service that it is given.
   *
   * @param noted is told of each attempt
   */
  Loader(Script script, Calls calls, Supplier<String> service, Consumer<Attempt> noted) {
    this.noted = noted;
    this.script = script;
    this.calls = calls;
    this.service = service;
  }

  UUID batch() {
    return script.batch();
  }

  /** Whether the opening was acknowledged. */
  boolean isOpened() {
    return opened;
  }

  /** Whether nothing is left to do. */
  boolean isOver() {
    return over;
  }

  boolean isAbandoned() {
    return script.abandoned();
  }

  List<Attempt> attempts() {
    return attempts;
  }

  /** Whether events are under way at the moment. */
  boolean isCalling() {
    return calling;
  }

  /** Makes the next call. */
  void step() {
    if (!opened) {
      opened = calls.open(service.get(), script);
    } else if (request < script.requests().size()) {
      send(script.requests().get(request));
    } else if (script.abandoned()) {
      over = true;
    } else if (endedAs == null) {
      endedAs = complete();
    } else {
      afterTheEnd();
    }
  }

  @Nullable BatchStatus complete() {
    return calls.complete(service.get(), script.batch());
  }

  private void note(Attempt attempt) {
    attempts.add(attempt);
    noted.accept(attempt);
  }

  private void send(Script.Request next) {
    calling = true;
    Attempt attempt = attempt(next, unknown);
    note(attempt);
    calling = false;
    begun = true;
    if (attempt.outcome() == Outcome.NOT_SENT) {
      return;
    }
    unknown = attempt.outcome() == Outcome.UNKNOWN;
    if (unknown) {
      return;
    }
    if (attempt.outcome() == Outcome.REFUSED) {
      over = true; // The batch has ended meanwhile, as abandoned ones do.
    } else if (next.twice() && !repeated) {
      repeated = true;
      return;
    } else {
      request++;
    }
    begun = false;
    repeated = false;
  }

  Attempt attempt(Script.Request next, boolean again) {
    if (next.vanishes() && !begun) {
      return calls.vanish(service.get(), script, next.lines());
    }
    return next.slow()
        ? calls.sendSlowly(service.get(), script, next.lines(), again)
        : calls.send(service.get(), script, next.lines(), again);
  }

  /** What was stored is known as a repeat, what is new is refused. */
  void afterTheEnd() {
    Line late = new Line("late", "{\"type\":\"STARTED\",\"file\":\"late\",\"id\":\"late\"}");
    List<Line> lines = List.of(script.requests().get(0).lines().get(0), late);
    Attempt attempt = calls.send(service.get(), script, lines, false);
    note(attempt);
    over = attempt.outcome() == Outcome.ANSWERED || attempt.outcome() == Outcome.REFUSED;
  }

  void isOverNow() {
    over = true;
  }

  /** Looks at the batch meanwhile, and keeps what is wrong with it. */
  void look() {
    Optional<Look> look = calls.look(service.get(), script.batch());
    if (look.isPresent()) {
      looks.incrementAndGet();
      seen.addAll(Rules.violations(script.batch(), look.get()));
    }
  }

  /** All that is known in the end, when no step is made any more; that service is asked. */
  Account account(String url) {
    Optional<Look> last = calls.lookOrGone(url, script.batch());
    return new Account(
        script.batch(),
        script.abandoned(),
        endedAs,
        List.copyOf(attempts),
        looks.get(),
        List.copyOf(seen),
        last.orElse(null),
        last.isEmpty() ? List.of() : calls.verdicts(url, script.batch()));
  }

  @Override
  public String toString() {
    Attempt last = attempts.isEmpty() ? null : attempts.get(attempts.size() - 1);
    return "batch %s, abandoned %s, opened %s, request %d of %d, ended as %s, last attempt %s: %s"
        .formatted(
            script.batch(),
            script.abandoned(),
            opened,
            request,
            script.requests().size(),
            endedAs,
            last == null ? null : last.outcome(),
            last == null ? null : last.said());
  }
}
