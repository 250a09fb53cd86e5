package io.fileaudit.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Credential;
import io.fileaudit.core.access.CredentialStore;
import io.fileaudit.core.access.MemoryCredentialStore;
import io.fileaudit.core.access.NewCredential;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.access.Scope;
import io.fileaudit.core.access.Token;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Keys are known without asking, and what is revoked anywhere is refused a second later. */
class KeyRingTest {
  private static final Principal ADMIN =
      new Principal("admin-1", "admin-1", "admin", Set.of("*"), Set.of(Scope.ADMIN), null);

  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  private final AtomicInteger readings = new AtomicInteger();
  private final AtomicBoolean away = new AtomicBoolean();
  private final CredentialStore kept =
      new MemoryCredentialStore(() -> Instant.ofEpochMilli(time.now(TimeUnit.MILLISECONDS)));
  private final KeyRing ring = new KeyRing(watched(), ADMIN, time);
  private final List<Throwable> failures = new ArrayList<>();
  private Disposable running = Disposables.disposed();

  /** The store, whose readings are counted and may fail. */
  private CredentialStore watched() {
    return (CredentialStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {CredentialStore.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(kept, arguments);
                return method.getName().equals("valid") ? counted((Mono<?>) answer) : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private Mono<?> counted(Mono<?> valid) {
    return Mono.defer(
        () -> {
          readings.incrementAndGet();
          return away.get() ? Mono.error(new IllegalStateException("away")) : valid;
        });
  }

  @AfterEach
  void stop() {
    running.dispose();
    time.dispose();
  }

  private void start() {
    running = ring.start(failures::add);
    time.advanceTimeBy(Duration.ZERO);
  }

  private Credential add(String token, Credential.Kind kind, String from, Duration life) {
    return Objects.requireNonNull(
        kept.add(
                new NewCredential(
                    UUID.randomUUID(),
                    kind,
                    Token.hash(token),
                    token,
                    Set.of("default"),
                    Set.of(Scope.READ),
                    from,
                    "tester",
                    life,
                    null))
            .block());
  }

  private Credential key(String token) {
    return add(token, Credential.Kind.KEY, null, null);
  }

  private boolean lets(String token) {
    AtomicBoolean in = new AtomicBoolean();
    ring.principal(token).subscribe(principal -> in.set(true));
    time.advanceTimeBy(Duration.ofMillis(300));
    return in.get();
  }

  @Test
  void knownKeyIsLetInWithoutAskingTheStore() {
    key("ak_1");
    start();
    int before = readings.get();

    for (int i = 0; i < 1_000; i++) {
      assertThat(ring.principal("ak_1").block()).isNotNull();
    }

    assertThat(readings.get()).isEqualTo(before);
  }

  @Test
  void newKeyIsKnownAtOnce() {
    start();
    key("ak_new");

    assertThat(lets("ak_new")).isTrue();
  }

  @Test
  void madeUpKeysShareFewReadings() {
    start();
    int before = readings.get();
    AtomicInteger answered = new AtomicInteger();

    for (int i = 0; i < 10_000; i++) {
      ring.principal("ak_made_up_" + i).doOnTerminate(answered::incrementAndGet).subscribe();
    }
    time.advanceTimeBy(Duration.ofMillis(500));

    assertThat(answered.get()).isEqualTo(10_000);
    assertThat(readings.get() - before).isLessThanOrEqualTo(3);
  }

  @Test
  void whatIsRevokedElsewhereIsRefusedASecondLaterAndItsStreamsEnd() {
    Credential key = key("ak_1");
    add("as_1", Credential.Kind.SESSION, key.id().toString(), Duration.ofHours(1));
    key("ak_2");
    start();
    AtomicInteger ended = new AtomicInteger();
    for (String token : List.of("ak_1", "as_1", "ak_2")) {
      Principal in = Objects.requireNonNull(ring.principal(token).block());
      ring.ended(in).subscribe(null, null, ended::incrementAndGet);
    }

    kept.revoke(key.id(), "boss").block();
    time.advanceTimeBy(Duration.ofMillis(1_001));

    assertThat(ended.get()).as("the key and its session").isEqualTo(2);
    assertThat(lets("ak_1")).isFalse();
    assertThat(lets("as_1")).isFalse();
    assertThat(lets("ak_2")).isTrue();
  }

  @Test
  void whoComesAfterTheEndIsToldAtOnce() {
    Credential key = key("ak_1");
    start();
    kept.revoke(key.id(), "boss").block();
    time.advanceTimeBy(Duration.ofSeconds(2));
    AtomicBoolean ended = new AtomicBoolean();

    ring.ended(key.principal()).subscribe(null, null, () -> ended.set(true));

    assertThat(ended).isTrue();
  }

  @Test
  void keyEndsWithItsTime() {
    add("ak_short", Credential.Kind.KEY, null, Duration.ofSeconds(5));
    start();
    assertThat(lets("ak_short")).isTrue();

    time.advanceTimeBy(Duration.ofSeconds(6));

    assertThat(lets("ak_short")).isFalse();
  }

  @Test
  void sessionIsVoidWithoutWhatItWasMadeFrom() {
    add("as_admin", Credential.Kind.SESSION, ADMIN.id(), Duration.ofHours(1));
    add("as_old_admin", Credential.Kind.SESSION, "admin-2", Duration.ofHours(1));
    Credential key = key("ak_1");
    Credential child =
        add("as_1", Credential.Kind.SESSION, key.id().toString(), Duration.ofHours(1));
    add("as_2", Credential.Kind.SESSION, child.id().toString(), Duration.ofHours(1));
    start();
    assertThat(lets("as_admin")).isTrue();
    assertThat(lets("as_old_admin")).as("of an admin key that is no more").isFalse();
    assertThat(lets("as_1")).isTrue();
    assertThat(lets("as_2")).as("of a session, which makes none").isFalse();

    kept.revoke(key.id(), "boss").block();
    time.advanceTimeBy(Duration.ofSeconds(2));

    assertThat(lets("as_1")).isFalse();
  }

  @Test
  void withoutTheStoreKnownKeysHoldForHalfAMinuteAndNoLonger() {
    key("ak_1");
    start();
    away.set(true);

    time.advanceTimeBy(Duration.ofSeconds(29));
    assertThat(lets("ak_1")).isTrue();
    assertThat(failures).isNotEmpty();

    time.advanceTimeBy(Duration.ofSeconds(5));
    List<Throwable> refused = new ArrayList<>();
    ring.principal("ak_1").subscribe(null, refused::add);
    time.advanceTimeBy(Duration.ofMillis(300));
    assertThat(refused)
        .singleElement()
        .isInstanceOfSatisfying(
            AuditException.class,
            error -> assertThat(error.type()).isEqualTo(ProblemType.UNAVAILABLE));

    away.set(false);
    time.advanceTimeBy(Duration.ofSeconds(2));
    assertThat(lets("ak_1")).isTrue();
  }
}
