package io.fileaudit.core.access;

import com.google.errorprone.annotations.CheckReturnValue;
import java.util.Map;
import java.util.UUID;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Where credentials are kept, for all nodes. Thread-safe. Everything is lazy; a change that was
 * begun is finished whether or not its caller still waits. Times are the store's. Errors: {@code
 * unavailable}.
 */
@CheckReturnValue
public interface CredentialStore {
  /** The most keys that are valid at a time. */
  int MOST_KEYS = 10_000;

  /** The most sessions and links of one key that are valid at a time. */
  int MOST_SESSIONS = 100;

  /**
   * Keeps a new one. Sessions and links that ended a week ago are forgotten meanwhile.
   *
   * <p>Errors: {@code invalid-request} where a valid key has the same name and a namespace in
   * common, or where there are {@link #MOST_KEYS} already; {@code too-many-requests} where {@link
   * #MOST_SESSIONS} were made from the same key, or by the same name without one.
   */
  Mono<Credential> add(NewCredential wanted);

  /** Every key and session that is neither revoked nor expired, by the hash of its token. */
  Mono<Map<String, Credential>> valid();

  /** Uses up a link that is valid; empty where there is none of that hash. */
  Mono<Credential> take(String hash);

  /**
   * Revokes a key or session, and what was made from it; again changes nothing. Empty where there
   * is none.
   */
  Mono<Credential> revoke(UUID id, String by);

  /** Every key, revoked and expired ones too, newest first. */
  Flux<Credential> keys();

  /** One of the keys; empty where there is none. */
  Mono<Credential> key(UUID id);
}
