package io.fileaudit.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.evidence.Checkpoint;
import io.fileaudit.api.evidence.NoteSigner;
import io.fileaudit.api.evidence.Proofs;
import io.fileaudit.core.evidence.LogKeys;
import io.fileaudit.core.evidence.Notary;
import io.fileaudit.core.store.EvidenceStore.Signed;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

/** The notary signs what continues what was signed, and nothing else. */
class NotaryTest {
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
  private final StoreDriver driver = new StoreDriver(store);
  private final NoteSigner signer = NoteSigner.generate("tests", new SecureRandom());
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Remembering memory = new Remembering();
  private final List<Throwable> troubles = new ArrayList<>();
  private final Notary notary = notary(store, new LogKeys(signer, List.of()));

  /** Remembers as a file does. */
  private static final class Remembering implements Notary.Memory {
    private @Nullable String note;

    @Override
    public Optional<String> last() {
      return Optional.ofNullable(note);
    }

    @Override
    public void remember(String signed) {
      note = signed;
    }
  }

  private Notary notary(MemoryAuditStore of, LogKeys keys) {
    return new Notary(of.evidence(), keys, memory, Schedulers.immediate(), registry, troubles::add);
  }

  private static Signed signed(Notary by) {
    return Objects.requireNonNull(by.sign().block());
  }

  private Checkpoint open(Signed signed) {
    return Checkpoint.open(signed.note(), signer.key());
  }

  @Test
  void whatIsSignedIsTheTreeOfTheLogAndContinuesWhatWasSignedBefore() {
    Checkpoint empty = open(signed(notary));
    driver.open();
    Checkpoint one = open(signed(notary));
    driver.decide(driver.open(), BatchStatus.FAILED);
    Checkpoint three = open(signed(notary));

    assertThat(List.of(empty.size(), one.size(), three.size())).containsExactly(0L, 1L, 3L);
    assertThat(
            Proofs.isConsistent(
                1,
                one.root(),
                3,
                three.root(),
                Objects.requireNonNull(notary.consistency(1, 3).block())))
        .isTrue();
    assertThat(store.evidence().lastSigned().block()).isEqualTo(signed(notary));
    assertThat(registry.counter("audit.checkpoints").count()).isEqualTo(3);
  }

  @Test
  void nothingNewIsSignedWhileNothingChanges() {
    driver.open();

    assertThat(signed(notary)).isEqualTo(signed(notary));
    assertThat(registry.counter("audit.checkpoints").count()).isEqualTo(1);
  }

  @Test
  void anotherNodeOfTheSameKeyGoesOn() {
    driver.open();
    signed(notary);
    driver.open();

    assertThat(open(signed(notary(store, new LogKeys(signer, List.of())))).size()).isEqualTo(2);
  }

  @Test
  void storeThatWentBackIsNotSigned() {
    driver.open();
    driver.open();
    signed(notary);
    MemoryAuditStore older = new MemoryAuditStore(InstantSource.system());
    new StoreDriver(older).open();

    Notary restarted = notary(older, new LogKeys(signer, List.of()));

    assertThatThrownBy(() -> restarted.sign().block())
        .isInstanceOf(Notary.MismatchException.class)
        .hasMessageContaining("the log has 1 entries, and 2 were signed");
    assertThat(older.evidence().lastSigned().block()).isNull();
  }

  @Test
  void storeWithAnotherHistoryIsNotSigned() {
    driver.open();
    signed(notary);
    MemoryAuditStore other = new MemoryAuditStore(InstantSource.system());
    new StoreDriver(other).open();
    new StoreDriver(other).open();

    Notary restarted = notary(other, new LogKeys(signer, List.of()));

    assertThatThrownBy(() -> restarted.sign().block())
        .isInstanceOf(Notary.MismatchException.class)
        .hasMessageContaining("not the continuation");
  }

  @Test
  void checkpointOfTheStoreThatItsTreeIsNotIsFound() {
    driver.open();
    MemoryAuditStore other = new MemoryAuditStore(InstantSource.system());
    new StoreDriver(other).open();
    Signed foreign = signed(notary(other, new LogKeys(signer, List.of())));
    memory.note = null;
    store.evidence().keep(foreign).block();

    assertThatThrownBy(() -> signed(notary))
        .isInstanceOf(Notary.MismatchException.class)
        .hasMessageContaining("is not what was signed of it");
  }

  @Test
  void keyThatCameBeforeIsTakenUpAndAnotherIsNot() {
    driver.open();
    signed(notary);
    driver.open();
    NoteSigner next = NoteSigner.generate("tests", new SecureRandom());

    assertThatThrownBy(() -> signed(notary(store, new LogKeys(next, List.of()))))
        .isInstanceOf(Notary.MismatchException.class)
        .hasMessageContaining("all nodes need the same");
    Signed signed = signed(notary(store, LogKeys.read(next.secret() + "\n" + signer.key() + "\n")));
    assertThat(Checkpoint.open(signed.note(), next.key()).size()).isEqualTo(2);
  }

  @Test
  void whileTheLogDoesNotFitTheLastCheckpointIsGivenAndItIsCounted() {
    driver.open();
    Signed before = signed(notary);
    NoteSigner next = NoteSigner.generate("tests", new SecureRandom());
    driver.open();

    assertThat(notary(store, new LogKeys(next, List.of())).latest().block()).isEqualTo(before);
    assertThat(registry.counter("audit.checkpoints.mismatch").count()).isEqualTo(1);
    assertThat(troubles).hasSize(1);
  }

  /** The notary of a store whose log is asked for its size in another way. */
  private Notary sizing(UnaryOperator<Mono<Long>> size) {
    EvidenceStore changed =
        (EvidenceStore)
            Proxy.newProxyInstance(
                EvidenceStore.class.getClassLoader(),
                new Class<?>[] {EvidenceStore.class},
                (proxy, method, arguments) ->
                    method.getName().equals("size")
                        ? size.apply(store.evidence().size())
                        : method.invoke(store.evidence(), arguments));
    return new Notary(
        changed,
        new LogKeys(signer, List.of()),
        Notary.Memory.NONE,
        Schedulers.immediate(),
        registry,
        troubles::add);
  }

  @Test
  void whatAnotherNodeSignsMeanwhileIsNoMismatch() {
    driver.open();
    Notary other = notary(store, new LogKeys(signer, List.of()));
    AtomicBoolean once = new AtomicBoolean();
    Notary slow =
        sizing(
            size ->
                size.doOnNext(
                    read -> {
                      if (once.compareAndSet(false, true)) {
                        driver.open();
                        signed(other);
                      }
                    }));

    assertThat(open(signed(slow)).size()).isEqualTo(1);
    assertThat(open(signed(slow)).size()).isEqualTo(2);
  }

  @Test
  void oneIsSignedAfterTheOtherAndWhoeverGivesUpHoldsNobodyBack() {
    driver.open();
    Sinks.Empty<Void> slow = Sinks.empty();
    AtomicInteger reads = new AtomicInteger();
    Notary waiting = sizing(size -> reads.getAndIncrement() == 0 ? slow.asMono().then(size) : size);
    List<Long> sizes = new ArrayList<>();

    waiting.sign().subscribe(signed -> sizes.add(signed.size()));
    Disposable second = waiting.sign().subscribe(signed -> sizes.add(signed.size()));
    waiting.sign().subscribe(signed -> sizes.add(signed.size()));
    second.dispose();
    assertThat(reads).hasValue(1);
    slow.tryEmitEmpty();

    assertThat(sizes).containsExactly(1L, 1L);
    assertThat(reads).hasValue(2);
  }

  @Test
  void treeThatIsNotWholeIsAMismatch() {
    Notary broken = sizing(size -> Mono.error(new EvidenceStore.BrokenTreeException("no node")));

    assertThatThrownBy(() -> broken.sign().block())
        .isInstanceOf(Notary.MismatchException.class)
        .hasMessage("no node");
  }

  @Test
  void itLooksAgainAndAgainUntilItIsStopped() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    Disposable running = notary.start(PAUSE, time);
    time.advanceTimeBy(Duration.ZERO);
    driver.open();
    time.advanceTimeBy(PAUSE);
    Signed signed = Objects.requireNonNull(store.evidence().lastSigned().block());
    running.dispose();
    driver.open();
    time.advanceTimeBy(PAUSE.multipliedBy(3));

    assertThat(signed.size()).isEqualTo(1);
    assertThat(store.evidence().lastSigned().block()).isEqualTo(signed);
  }
}
