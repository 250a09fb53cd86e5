package io.fileaudit.core.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What every store of credentials does. Tests share the store and use names of their own. */
public abstract class CredentialStoreContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** The store under test. */
  protected abstract CredentialStore credentials();

  /** Lets the store's clock go on. */
  protected abstract void pass(Duration time);

  private static <T> T answer(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE));
  }

  private static NewCredential wanted(Credential.Kind kind, String name) {
    return wanted(kind, name, null, null, null);
  }

  private static NewCredential wanted(
      Credential.Kind kind, String name, String from, Duration life, Instant notAfter) {
    UUID id = UUID.randomUUID();
    return new NewCredential(
        id,
        kind,
        Token.hash("token of " + id),
        name,
        Set.of("sales", "hr"),
        Set.of(Scope.INGEST, Scope.READ),
        from,
        "maker",
        life,
        notAfter);
  }

  private static String fresh() {
    return "key-" + UUID.randomUUID();
  }

  private Map<String, Credential> valid() {
    return answer(credentials().valid());
  }

  @Test
  void whatIsAddedIsValidAsItWasMeant() {
    NewCredential wanted = wanted(Credential.Kind.KEY, fresh());

    Credential added = answer(credentials().add(wanted));

    assertThat(added)
        .usingRecursiveComparison()
        .ignoringFields("createdAt")
        .isEqualTo(wanted.madeAt(Instant.EPOCH));
    assertThat(valid()).containsEntry(wanted.hash(), added);
    assertThat(answer(credentials().key(added.id()))).isEqualTo(added);
    assertThat(answer(credentials().keys().collectList())).contains(added);
  }

  @Test
  void tokenItselfIsNowhere() {
    NewCredential wanted = wanted(Credential.Kind.KEY, fresh());
    answer(credentials().add(wanted));

    assertThat(answer(credentials().keys().collectList()).toString()).doesNotContain(wanted.hash());
  }

  @Test
  void revokedKeyIsNotValidAndIsStillShown() {
    NewCredential wanted = wanted(Credential.Kind.KEY, fresh());
    Credential added = answer(credentials().add(wanted));

    Credential revoked = answer(credentials().revoke(added.id(), "boss"));
    Credential again = answer(credentials().revoke(added.id(), "another"));

    assertThat(revoked.revokedBy()).isEqualTo("boss");
    assertThat(revoked.revokedAt()).isNotNull();
    assertThat(again).isEqualTo(revoked);
    assertThat(valid()).doesNotContainKey(wanted.hash());
    assertThat(answer(credentials().key(added.id()))).isEqualTo(revoked);
    assertThat(credentials().revoke(UUID.randomUUID(), "boss").block(PATIENCE)).isNull();
  }

  @Test
  void sessionsOfAKeyAreRevokedWithIt() {
    Credential key = answer(credentials().add(wanted(Credential.Kind.KEY, fresh())));
    NewCredential mine =
        wanted(Credential.Kind.SESSION, "s", key.id().toString(), Duration.ofHours(1), null);
    NewCredential other = wanted(Credential.Kind.SESSION, "s", null, Duration.ofHours(1), null);
    answer(credentials().add(mine));
    answer(credentials().add(other));
    assertThat(valid()).containsKeys(mine.hash(), other.hash());

    answer(credentials().revoke(key.id(), "boss"));

    assertThat(valid()).containsKey(other.hash()).doesNotContainKey(mine.hash());
  }

  @Test
  void nothingIsValidBeyondItsTime() {
    NewCredential shortly =
        wanted(Credential.Kind.KEY, fresh(), null, Duration.ofMillis(300), null);
    Credential added = answer(credentials().add(shortly));
    NewCredential bounded =
        wanted(
            Credential.Kind.SESSION,
            "s",
            null,
            Duration.ofHours(1),
            added.createdAt().plusMillis(300));
    Credential session = answer(credentials().add(bounded));
    assertThat(valid()).containsKeys(shortly.hash(), bounded.hash());
    assertThat(added.expiresAt()).isEqualTo(added.createdAt().plusMillis(300));
    assertThat(session.expiresAt()).isEqualTo(bounded.notAfter());

    pass(Duration.ofMillis(400));

    assertThat(valid()).doesNotContainKeys(shortly.hash(), bounded.hash());
  }

  @Test
  void linkIsUsedOnce() {
    NewCredential link = wanted(Credential.Kind.LINK, "l", null, Duration.ofMinutes(1), null);
    answer(credentials().add(link));
    assertThat(valid()).as("a link is no key").doesNotContainKey(link.hash());

    long used =
        answer(
            Flux.fromStream(IntStream.range(0, 8).boxed())
                .flatMap(i -> credentials().take(link.hash()).subscribeOn(Schedulers.parallel()))
                .count());

    assertThat(used).isEqualTo(1);
    assertThat(credentials().take(link.hash()).block(PATIENCE)).isNull();
  }

  @Test
  void linkThatExpiredOrIsNoneIsNotUsed() {
    NewCredential link = wanted(Credential.Kind.LINK, "l", null, Duration.ofMillis(200), null);
    NewCredential key = wanted(Credential.Kind.KEY, fresh());
    answer(credentials().add(link));
    answer(credentials().add(key));
    pass(Duration.ofMillis(300));

    assertThat(credentials().take(link.hash()).block(PATIENCE)).isNull();
    assertThat(credentials().take(key.hash()).block(PATIENCE)).isNull();
    assertThat(credentials().take("nothing").block(PATIENCE)).isNull();
    assertThat(valid()).containsKey(key.hash());
  }

  @Test
  void validKeysHaveNamesOfTheirOwn() {
    String name = fresh();
    Credential first = answer(credentials().add(wanted(Credential.Kind.KEY, name)));

    AuditException taken =
        catchThrowableOfType(
            AuditException.class,
            () -> credentials().add(wanted(Credential.Kind.KEY, name)).block(PATIENCE));
    answer(credentials().revoke(first.id(), "boss"));
    Credential next = answer(credentials().add(wanted(Credential.Kind.KEY, name)));

    assertThat(taken.type()).isEqualTo(ProblemType.INVALID_REQUEST);
    assertThat(taken.detail()).contains(name);
    assertThat(next.id()).isNotEqualTo(first.id());
  }

  @Test
  void ofKeysWithOneNameAtOneTimeOneIsMade() {
    String name = fresh();

    long made =
        answer(
            Flux.range(0, 8)
                .flatMap(
                    i ->
                        credentials()
                            .add(wanted(Credential.Kind.KEY, name))
                            .subscribeOn(Schedulers.parallel())
                            .onErrorComplete(AuditException.class))
                .count());

    assertThat(made).isEqualTo(1);
  }

  @Test
  void sessionsOfOneKeyAreBounded() {
    Credential key = answer(credentials().add(wanted(Credential.Kind.KEY, fresh())));
    String from = key.id().toString();
    Credential first = null;
    for (int i = 0; i < CredentialStore.MOST_SESSIONS; i++) {
      Credential.Kind kind = i % 2 == 0 ? Credential.Kind.SESSION : Credential.Kind.LINK;
      Credential made =
          answer(credentials().add(wanted(kind, "s", from, Duration.ofHours(1), null)));
      first = first == null ? made : first;
    }
    NewCredential more = wanted(Credential.Kind.SESSION, "s", from, Duration.ofHours(1), null);

    AuditException refused =
        catchThrowableOfType(AuditException.class, () -> credentials().add(more).block(PATIENCE));
    NewCredential other = wanted(Credential.Kind.SESSION, fresh(), null, Duration.ofHours(1), null);
    answer(credentials().add(other));
    answer(credentials().revoke(first.id(), "boss"));
    answer(credentials().add(more));

    assertThat(refused.type()).isEqualTo(ProblemType.TOO_MANY_REQUESTS);
  }

  @Test
  void newestKeyComesFirst() {
    Credential first = answer(credentials().add(wanted(Credential.Kind.KEY, fresh())));
    pass(Duration.ofMillis(2));
    Credential second = answer(credentials().add(wanted(Credential.Kind.KEY, fresh())));

    assertThat(answer(credentials().keys().collectList())).containsSubsequence(second, first);
  }
}
