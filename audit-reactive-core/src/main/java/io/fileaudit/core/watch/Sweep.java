package io.fileaudit.core.watch;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.Outage;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.store.WatchStore.Judged;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Looks through the store for batches whose time is up, on every node, whether or not their
 * loaders' nodes live. Each sweep first gives this node's sign of life, so that an outage is known
 * before anything is judged. Several nodes may sweep at once: each judgement is made under the
 * batch's lock.
 */
public final class Sweep {
  /** How often a node says that it lives, however long its sweeps take. */
  public static final Duration SIGN = Duration.ofMillis(500);

  private static final int PAGE = 1_000;
  private static final int TOGETHER = 250;
  private static final int AT_ONCE = 4;

  private final WatchStore store;
  private final Verdicts verdicts;
  private final String node;
  private final Duration interval;
  private final Scheduler scheduler;
  private final Consumer<Throwable> failures;
  private final AtomicLong lastMillis = new AtomicLong(-1);

  /**
   * A sweep of that store.
   *
   * @param node this node's name
   * @param interval the pause between two sweeps
   * @param scheduler whose clock times the sweeps
   * @param failures is told why a sweep could not be made; the next one is tried all the same
   */
  public Sweep(
      WatchStore store,
      Verdicts verdicts,
      String node,
      Duration interval,
      Scheduler scheduler,
      Consumer<Throwable> failures) {
    this.store = store;
    this.verdicts = verdicts;
    this.node = node;
    this.interval = interval;
    this.scheduler = scheduler;
    this.failures = failures;
  }

  /** Sweeps and gives signs of life until disposed; the first sweep comes at once. */
  public Disposable start() {
    return Disposables.composite(
        again(once(), interval), again(store.signOfLife(node, Outage.GAP), SIGN));
  }

  private Disposable again(Mono<?> work, Duration pause) {
    return work.then()
        .onErrorResume(
            error -> {
              failures.accept(error);
              return Mono.empty();
            })
        .then(Mono.delay(pause, scheduler))
        .repeat()
        .subscribe();
  }

  /** One sweep: lazy; gives how many batches it ended. */
  public Mono<Long> once() {
    return store
        .signOfLife(node, Outage.GAP)
        .then(Mono.defer(this::judgeAll))
        .doOnNext(
            ended -> lastMillis.set(scheduler.now(java.util.concurrent.TimeUnit.MILLISECONDS)));
  }

  /**
   * Milliseconds since the last sweep that was made, by the scheduler's clock; negative before the
   * first.
   */
  public long ageMillis() {
    long last = lastMillis.get();
    return last < 0 ? -1 : scheduler.now(java.util.concurrent.TimeUnit.MILLISECONDS) - last;
  }

  /**
   * Page by page until a page is not full, so that ten thousand at once are not left to the next
   * sweep; or until none of a page could be judged, which another try now would not change.
   */
  private Mono<Long> judgeAll() {
    return judgePage()
        .expand(page -> page.found() < PAGE || page.judged() == 0 ? Mono.empty() : judgePage())
        .reduce(0L, (sum, page) -> sum + page.ended());
  }

  private record Page(long found, long judged, long ended) {
    static final Page NONE = new Page(0, 0, 0);

    Page and(Page next) {
      return new Page(found + next.found, judged + next.judged, ended + next.ended);
    }

    Page and(Decided decided) {
      return new Page(found, judged + 1, decided.changed() ? ended + 1 : ended);
    }
  }

  private Mono<Page> judgePage() {
    return store.due(PAGE).buffer(TOGETHER).concatMap(this::judge, 1).reduce(Page.NONE, Page::and);
  }

  /** Together where that goes, else one by one, so that no batch keeps another from its verdict. */
  private Mono<Page> judge(List<BatchKey> keys) {
    return store
        .expireAll(keys, node)
        .onErrorResume(error -> !isAway(error), error -> Mono.just(new Judged(List.of(), keys)))
        .flatMapMany(
            judged ->
                Flux.fromIterable(judged.decided())
                    .doOnNext(verdicts::tell)
                    .concatWith(Flux.fromIterable(judged.left()).flatMap(this::judge, AT_ONCE)))
        .reduce(new Page(keys.size(), 0, 0), Page::and);
  }

  private static boolean isAway(Throwable error) {
    return error instanceof AuditException audit && audit.type() == ProblemType.UNAVAILABLE;
  }

  private Mono<Decided> judge(BatchKey key) {
    return store
        .expire(key, node)
        .doOnNext(verdicts::tell)
        .onErrorResume(
            error -> {
              failures.accept(error);
              return Mono.empty();
            });
  }
}
