package io.fileaudit.core.store;

import io.fileaudit.api.table.NewExpectation;
import io.fileaudit.api.table.TableExpectation;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Expectations on the tables of a store in memory. Thread-safe. */
public final class MemoryExpectations implements ExpectationStore {
  private record Name(String namespace, String table) implements Comparable<Name> {
    @Override
    public int compareTo(Name other) {
      int order = namespace.compareTo(other.namespace);
      return order != 0 ? order : table.compareTo(other.table);
    }
  }

  /**
   * What is kept.
   *
   * @param from where the time begins in which a batch has to be opened
   * @param missedFrom where the time began in which none was; null where none was missed
   * @param metAt when the batch was opened that meets the next due time
   */
  private record Kept(
      NewExpectation wanted,
      String by,
      Instant createdAt,
      Instant from,
      Instant nextDue,
      @Nullable Instant missedFrom,
      @Nullable Instant missedDue,
      @Nullable Instant metAt) {}

  private final MemoryAuditStore store;
  private final InstantSource clock;
  private final Map<Name, Kept> kept = new TreeMap<>();

  /** Expectations on that store's tables, by that clock. */
  public MemoryExpectations(MemoryAuditStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  @Override
  public Mono<TableExpectation> put(
      String namespace, String table, NewExpectation wanted, String by, Schedule schedule) {
    return Mono.fromSupplier(
        () ->
            store.looking(
                () -> {
                  Instant now = clock.instant();
                  Name name = new Name(namespace, table);
                  Kept set = new Kept(wanted, by, now, now, schedule.after(now), null, null, null);
                  kept.put(name, set);
                  return shown(name, set);
                }));
  }

  private Optional<Instant> opened(Name name, Instant from) {
    return store.all().stream()
        .filter(
            batch ->
                batch.key.namespace().equals(name.namespace())
                    && name.table().equals(batch.spec.table())
                    && batch.spec.parent() == null
                    && batch.openedAt.isAfter(from))
        .map(batch -> batch.openedAt)
        .min(Comparator.naturalOrder());
  }

  /** With the first batch that ends an absence, or else meets what is due next. */
  private Kept settled(Name name, Kept set) {
    Instant missed = set.missedFrom();
    if (set.metAt() != null) {
      return set;
    }
    return opened(name, missed == null ? set.from() : missed)
        .map(
            at ->
                new Kept(
                    set.wanted(),
                    set.by(),
                    set.createdAt(),
                    missed == null ? set.from() : later(set.from(), at),
                    set.nextDue(),
                    null,
                    null,
                    missed == null ? at : null))
        .orElse(set);
  }

  private static Instant later(Instant one, @Nullable Instant other) {
    return other != null && other.isAfter(one) ? other : one;
  }

  @Override
  public Mono<Void> settle() {
    return Mono.fromRunnable(
        () ->
            store.looking(
                () -> {
                  kept.replaceAll(this::settled);
                  return kept;
                }));
  }

  private TableExpectation shown(Name name, Kept set) {
    Instant missedFrom = set.missedFrom();
    boolean overdue = missedFrom != null && opened(name, missedFrom).isEmpty();
    return new TableExpectation(
        name.table(),
        Objects.requireNonNull(set.wanted().schedule()),
        Objects.requireNonNull(set.wanted().zone()),
        Objects.requireNonNull(set.wanted().grace()),
        set.createdAt(),
        set.by(),
        set.nextDue(),
        overdue ? set.missedDue() : null);
  }

  @Override
  public Mono<TableExpectation> find(String namespace, String table) {
    return list(namespace, null).filter(one -> one.table().equals(table)).singleOrEmpty();
  }

  @Override
  public Flux<TableExpectation> list(String namespace, @Nullable Boolean overdue) {
    return Flux.defer(
        () ->
            Flux.fromIterable(
                store.looking(
                    () -> {
                      List<TableExpectation> all = new ArrayList<>();
                      kept.forEach(
                          (name, set) -> {
                            TableExpectation one = shown(name, set);
                            boolean is = one.overdueSince() != null;
                            if (name.namespace().equals(namespace)
                                && (overdue == null || overdue == is)) {
                              all.add(one);
                            }
                          });
                      return all;
                    })));
  }

  @Override
  public Mono<Boolean> remove(String namespace, String table) {
    return Mono.fromSupplier(
        () -> store.looking(() -> kept.remove(new Name(namespace, table)) != null));
  }

  @Override
  public Flux<Held> passed(int limit) {
    return Flux.defer(
        () ->
            Flux.fromIterable(
                store.looking(
                    () -> {
                      Instant now = clock.instant();
                      return kept.entrySet().stream()
                          .filter(entry -> hasPassed(entry.getValue(), now))
                          .limit(limit)
                          .map(
                              entry ->
                                  new Held(
                                      entry.getKey().namespace(),
                                      shown(entry.getKey(), entry.getValue())))
                          .toList();
                    })));
  }

  private static boolean hasPassed(Kept set, Instant now) {
    return !set.nextDue().plus(Objects.requireNonNull(set.wanted().grace())).isAfter(now);
  }

  @Override
  public Mono<TableExpectation> judge(Held passed, Schedule schedule) {
    return Mono.fromSupplier(() -> store.looking(() -> judged(passed, schedule)));
  }

  private @Nullable TableExpectation judged(Held passed, Schedule schedule) {
    Name name = new Name(passed.namespace(), passed.expectation().table());
    Kept set = kept.get(name);
    if (set == null
        || !set.nextDue().equals(passed.expectation().nextDueAt())
        || !hasPassed(set, clock.instant())) {
      return null;
    }
    // What ends an earlier absence is one batch, and what is due now another.
    Kept now = settled(name, settled(name, set));
    boolean met = now.metAt() != null;
    Kept next =
        new Kept(
            now.wanted(),
            now.by(),
            now.createdAt(),
            later(now.nextDue(), now.metAt()),
            schedule.after(now.nextDue()),
            met ? null : now.missedFrom() == null ? now.from() : now.missedFrom(),
            met ? null : now.missedDue() == null ? now.nextDue() : now.missedDue(),
            null);
    kept.put(name, next);
    TableExpectation found = shown(name, next);
    if (now.nextDue().equals(found.overdueSince())) {
      store.hooks().overdue(name.namespace(), found, clock.instant());
    }
    return found;
  }
}
