package io.fileaudit.server.access;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.access.NewKey;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Credential;
import io.fileaudit.core.access.CredentialRules;
import io.fileaudit.core.access.CredentialStore;
import io.fileaudit.core.access.NewCredential;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.access.Token;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Makes and revokes keys for those who may. Who has only some namespaces manages the keys of those
 * alone, and does not learn of others. Everything is lazy. Thread-safe.
 */
@CheckReturnValue
public final class Keys {
  private final CredentialStore store;
  private final KeyRing ring;
  private final Supplier<UUID> ids;
  private final RandomGenerator random;

  /** Keys in that store, which {@code ring} lets in. */
  public Keys(CredentialStore store, KeyRing ring, Supplier<UUID> ids, RandomGenerator random) {
    this.store = store;
    this.ring = ring;
    this.ids = ids;
    this.random = random;
  }

  /** Makes a key. Errors: {@code invalid-request}, {@code forbidden}. */
  public Mono<Logins.Made> add(NewKey wanted, Principal by) {
    return Mono.defer(
            () -> {
              String token = Token.make(Token.KEY, random);
              NewCredential credential =
                  new NewCredential(
                      ids.get(),
                      Credential.Kind.KEY,
                      Token.hash(token),
                      CredentialRules.name(wanted.name()),
                      CredentialRules.namespaces(wanted.namespaces(), by),
                      CredentialRules.scopes(wanted.scopes()),
                      null,
                      by.name(),
                      CredentialRules.life(wanted.expiresAfter()),
                      by.expiresAt());
              return store.add(credential).map(kept -> new Logins.Made(token, kept));
            })
        .doOnNext(
            made ->
                SecurityLog.LOGGER.info(
                    "{} made the key {} ({}) with scopes {} for namespaces {}",
                    by.name(),
                    made.kept().name(),
                    made.kept().id(),
                    made.kept().scopes(),
                    made.kept().namespaces()));
  }

  /** The keys that one may manage, revoked and expired ones too, newest first. */
  public Flux<Credential> of(Principal by) {
    return store.keys().filter(kept -> by.mayGrant(kept.namespaces()));
  }

  /**
   * Revokes a key, and the sessions that were made from it: at once on this node, within a second
   * on others. Errors: {@code not-found}.
   */
  public Mono<Credential> revoke(UUID id, Principal by) {
    return store
        .key(id)
        .filter(kept -> by.mayGrant(kept.namespaces()))
        .switchIfEmpty(Mono.error(() -> unknown(id.toString())))
        .flatMap(kept -> store.revoke(id, by.name()))
        .doOnNext(
            kept ->
                SecurityLog.LOGGER.info("{} revoked the key {} ({})", by.name(), kept.name(), id))
        // A reading that was under way may have begun before; the one after it has not.
        .flatMap(kept -> ring.refreshed().thenReturn(kept));
  }

  /** Says that there is no such key, or none that the caller may know of. */
  public static AuditException unknown(String id) {
    return new AuditException(ProblemType.NOT_FOUND, "no key " + id);
  }
}
