package io.fileaudit.core.access;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Keeps credentials in memory. Thread-safe; answers at once, on the caller's thread. */
public final class MemoryCredentialStore implements CredentialStore {
  private static final Duration KEPT = Duration.ofDays(7);

  private final InstantSource clock;
  private final Map<String, Credential> byHash = new LinkedHashMap<>();

  /** A store of its own, empty, that goes by that clock. */
  public MemoryCredentialStore(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public Mono<Credential> add(NewCredential wanted) {
    return Mono.fromSupplier(() -> addNow(wanted));
  }

  private synchronized Credential addNow(NewCredential wanted) {
    Instant now = clock.instant();
    byHash
        .values()
        .removeIf(
            held ->
                held.kind() != Credential.Kind.KEY
                    && held.expiresAt() != null
                    && held.expiresAt().isBefore(now.minus(KEPT)));
    if (wanted.kind() == Credential.Kind.KEY) {
      List<Credential> keys =
          byHash.values().stream()
              .filter(held -> held.kind() == Credential.Kind.KEY && isValid(held, now))
              .toList();
      if (keys.stream()
          .anyMatch(
              held ->
                  held.name().equals(wanted.name())
                      && CredentialRules.meet(held.namespaces(), wanted.namespaces()))) {
        throw CredentialRules.nameTaken(wanted.name());
      }
      if (keys.size() >= MOST_KEYS) {
        throw CredentialRules.tooMany();
      }
    }
    if (wanted.kind() != Credential.Kind.KEY
        && byHash.values().stream()
                .filter(held -> isOfSameOrigin(held, wanted) && isValid(held, now))
                .count()
            >= MOST_SESSIONS) {
      throw CredentialRules.tooManySessions();
    }
    Credential made = wanted.madeAt(now);
    if (byHash.putIfAbsent(wanted.hash(), made) != null) {
      throw new AuditException(ProblemType.INTERNAL, "the token is there already");
    }
    return made;
  }

  private static boolean isOfSameOrigin(Credential held, NewCredential wanted) {
    return held.kind() != Credential.Kind.KEY
        && (wanted.madeFrom() == null
            ? held.madeFrom() == null && held.name().equals(wanted.name())
            : wanted.madeFrom().equals(held.madeFrom()));
  }

  private static boolean isValid(Credential held, Instant now) {
    return held.revokedAt() == null && (held.expiresAt() == null || held.expiresAt().isAfter(now));
  }

  @Override
  public Mono<Map<String, Credential>> valid() {
    return Mono.fromSupplier(this::validNow);
  }

  private synchronized Map<String, Credential> validNow() {
    Instant now = clock.instant();
    Map<String, Credential> valid = new HashMap<>();
    byHash.forEach(
        (hash, held) -> {
          if (held.kind() != Credential.Kind.LINK && isValid(held, now)) {
            valid.put(hash, held);
          }
        });
    return valid;
  }

  @Override
  public Mono<Credential> take(String hash) {
    return Mono.fromSupplier(() -> takeNow(hash));
  }

  private synchronized @Nullable Credential takeNow(String hash) {
    Instant now = clock.instant();
    Credential held = byHash.get(hash);
    if (held == null || held.kind() != Credential.Kind.LINK || !isValid(held, now)) {
      return null;
    }
    byHash.put(hash, revoked(held, now, held.name()));
    return byHash.get(hash);
  }

  private static Credential revoked(Credential held, Instant now, String by) {
    return new Credential(
        held.id(),
        held.kind(),
        held.name(),
        held.namespaces(),
        held.scopes(),
        held.madeFrom(),
        held.createdAt(),
        held.createdBy(),
        held.expiresAt(),
        now,
        by);
  }

  @Override
  public Mono<Credential> revoke(UUID id, String by) {
    return Mono.fromSupplier(() -> revokeNow(id, by));
  }

  private synchronized @Nullable Credential revokeNow(UUID id, String by) {
    Instant now = clock.instant();
    byHash.replaceAll(
        (hash, held) ->
            held.revokedAt() == null
                    && (held.id().equals(id) || id.toString().equals(held.madeFrom()))
                ? revoked(held, now, by)
                : held);
    return byHash.values().stream().filter(held -> held.id().equals(id)).findFirst().orElse(null);
  }

  @Override
  public Flux<Credential> keys() {
    return Flux.defer(() -> Flux.fromIterable(keysNow()));
  }

  private synchronized List<Credential> keysNow() {
    List<Credential> keys = new ArrayList<>();
    for (Credential held : byHash.values()) {
      if (held.kind() == Credential.Kind.KEY) {
        keys.add(0, held);
      }
    }
    return keys;
  }

  @Override
  public Mono<Credential> key(UUID id) {
    return keys().filter(held -> held.id().equals(id)).singleOrEmpty();
  }
}
