package io.fileaudit.server.access;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Credential;
import io.fileaudit.core.access.CredentialStore;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.access.Token;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * The keys and sessions that are valid, read from the store every second: a call asks no database
 * who it comes from, and what was revoked anywhere is refused everywhere a second later. A token
 * that is not known is looked for once more, in a reading that all who wait share. Thread-safe.
 */
public final class KeyRing implements Access {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(250);

  /** How old a reading may be: what was revoked since is not known. */
  private static final Duration OLDEST = Duration.ofSeconds(30);

  private record Entry(Principal principal, Sinks.Empty<Void> ended) {}

  private record Ring(Map<String, Entry> byHash, Map<String, Entry> byId, long readMillis) {}

  private final CredentialStore store;
  private final Principal admin;
  private final Scheduler scheduler;
  private final AtomicReference<@Nullable Ring> ring = new AtomicReference<>();
  private final AtomicReference<@Nullable Mono<Ring>> reading = new AtomicReference<>();

  /**
   * Reads from that store.
   *
   * @param admin whose sessions are valid as well
   * @param scheduler whose clock paces the readings
   */
  public KeyRing(CredentialStore store, Principal admin, Scheduler scheduler) {
    this.store = store;
    this.admin = admin;
    this.scheduler = scheduler;
  }

  /**
   * Begins to read, until it is disposed of.
   *
   * @param failed told of each reading that could not be made
   */
  public Disposable start(Consumer<Throwable> failed) {
    return Flux.interval(Duration.ZERO, PAUSE, scheduler)
        .onBackpressureDrop()
        .concatMap(
            tick ->
                refresh(Duration.ZERO)
                    .onErrorResume(
                        error -> {
                          failed.accept(error);
                          return Mono.empty();
                        }),
            1)
        .subscribe();
  }

  @Override
  public Mono<Principal> principal(String token) {
    return Mono.defer(
        () -> {
          String hash = Token.hash(token);
          Ring present = ring.get();
          if (present != null && isFresh(present)) {
            Entry known = present.byHash().get(hash);
            if (known != null) {
              return Mono.just(known.principal());
            }
          }
          return refresh(SHORTEST_PAUSE)
              .flatMap(fresh -> Mono.justOrEmpty(fresh.byHash().get(hash)).map(Entry::principal));
        });
  }

  private boolean isFresh(Ring read) {
    return now() - read.readMillis() <= OLDEST.toMillis();
  }

  private long now() {
    return scheduler.now(TimeUnit.MILLISECONDS);
  }

  /** Whom the key of that id stands for; empty where it is not valid any more. Lazy. */
  Mono<Principal> byId(String id) {
    return id.equals(admin.id())
        ? Mono.just(admin)
        : refresh(SHORTEST_PAUSE)
            .flatMap(fresh -> Mono.justOrEmpty(fresh.byId().get(id)).map(Entry::principal));
  }

  @Override
  public Mono<Void> ended(Principal principal) {
    return Mono.defer(
        () -> {
          Ring present = ring.get();
          Entry known = present == null ? null : present.byId().get(principal.id());
          return known == null ? Mono.empty() : known.ended().asMono();
        });
  }

  /**
   * Completes when what was changed before is known here. Where it cannot be read, a second later.
   */
  Mono<Void> refreshed() {
    return refresh(Duration.ZERO).then(refresh(Duration.ZERO)).then().onErrorComplete();
  }

  /** Reads now, or joins a reading that is under way; no two begin within that pause. */
  Mono<Ring> refresh(Duration pause) {
    return Mono.defer(
        () -> {
          Mono<Ring> mine = read(pause).doFinally(signal -> reading.set(null)).cache();
          Mono<Ring> shared = reading.compareAndExchange(null, mine);
          return shared == null ? mine : shared;
        });
  }

  private Mono<Ring> read(Duration pause) {
    return Mono.defer(
            () -> {
              Ring before = ring.get();
              long since = before == null ? Long.MAX_VALUE : now() - before.readMillis();
              long wait = pause.toMillis() - since;
              return wait > 0
                  ? Mono.delay(Duration.ofMillis(wait), scheduler).then(store.valid())
                  : store.valid();
            })
        .onErrorMap(
            error -> !(error instanceof AuditException),
            error ->
                new AuditException(ProblemType.UNAVAILABLE, "keys cannot be looked up now", error))
        .map(this::take);
  }

  private synchronized Ring take(Map<String, Credential> valid) {
    Ring before = ring.get();
    Map<String, Entry> old = before == null ? Map.of() : before.byHash();
    Map<String, Credential> all = new HashMap<>();
    valid.values().forEach(held -> all.put(held.id().toString(), held));
    Map<String, Entry> byHash = new HashMap<>();
    Map<String, Entry> byId = new HashMap<>();
    valid.forEach(
        (hash, held) -> {
          if (stands(held, all)) {
            Entry known = old.get(hash);
            Entry entry = known == null ? new Entry(held.principal(), Sinks.empty()) : known;
            byHash.put(hash, entry);
            byId.put(held.id().toString(), entry);
          }
        });
    Ring fresh = new Ring(byHash, byId, now());
    ring.set(fresh);
    old.forEach(
        (hash, entry) -> {
          if (!byHash.containsKey(hash)) {
            // Fails only where it was emitted before.
            entry.ended().tryEmitEmpty();
          }
        });
    return fresh;
  }

  /** What was made from a key is valid only with it. */
  private boolean stands(Credential held, Map<String, Credential> valid) {
    String from = held.madeFrom();
    if (from == null || from.equals(admin.id())) {
      return true;
    }
    Credential origin = valid.get(from);
    return origin != null && origin.kind() == Credential.Kind.KEY;
  }
}
