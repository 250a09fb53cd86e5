package io.fileaudit.it.crash;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.it.crash.Account.Look;
import io.fileaudit.it.crash.Attempt.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Plays one script against services that come and go, and notes every attempt. What is not known to
 * be stored is sent again as it was. Each step makes one call; steps are made by one thread at a
 * time, notes may be read by any.
 */
final class Loader {
  private final Script script;
  private final Calls calls;
  private final Supplier<String> service;
  private final List<Attempt> attempts = new CopyOnWriteArrayList<>();
  private final List<Look> looks = new CopyOnWriteArrayList<>();
  private volatile boolean opened;
  private volatile boolean over;
  private volatile @Nullable BatchStatus endedAs;

  // Only touched by steps.
  private volatile int request;
  private boolean begun;
  private boolean repeated;
  private boolean unknown;

  /** A loader that has done nothing yet, and sends each call to the service that it is given. */
  Loader(Script script, Calls calls, Supplier<String> service) {
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

  /** Makes the next call. */
  void step() {
    if (!opened) {
      opened = calls.open(service.get(), script);
    } else if (request < script.requests().size()) {
      send(script.requests().get(request));
    } else if (script.abandoned()) {
      over = true;
    } else if (endedAs == null) {
      endedAs = calls.complete(service.get(), script.batch());
    } else {
      afterTheEnd();
    }
  }

  private void send(Script.Request next) {
    Attempt attempt = attempt(next);
    attempts.add(attempt);
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

  private Attempt attempt(Script.Request next) {
    return next.vanishes() && !begun
        ? calls.vanish(service.get(), script, next.lines())
        : calls.send(service.get(), script, next.lines(), unknown);
  }

  /** What was stored is known as a repeat, what is new is refused. */
  private void afterTheEnd() {
    Line late = new Line("late", "{\"type\":\"STARTED\",\"file\":\"late\",\"id\":\"late\"}");
    List<Line> lines = List.of(script.requests().get(0).lines().get(0), late);
    Attempt attempt = calls.send(service.get(), script, lines, false);
    attempts.add(attempt);
    over = attempt.outcome() == Outcome.ANSWERED || attempt.outcome() == Outcome.REFUSED;
  }

  /** Looks at the batch meanwhile. */
  void look() {
    calls.look(service.get(), script.batch()).ifPresent(looks::add);
  }

  int looks() {
    return looks.size();
  }

  /** All that is known in the end, when no step is made any more; that service is asked. */
  Account account(String url) {
    Optional<Look> last = calls.lookOrGone(url, script.batch());
    return new Account(
        script.batch(),
        script.abandoned(),
        endedAs,
        List.copyOf(attempts),
        List.copyOf(looks),
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
