package io.fileaudit.core.evidence;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.evidence.Checkpoint;
import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.NoteKey;
import io.fileaudit.api.evidence.Proofs;
import io.fileaudit.api.evidence.Proofs.Node;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.store.EvidenceStore;
import io.fileaudit.core.store.EvidenceStore.Signed;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Signs how the log stands, whenever it has grown, and never anything that is not the continuation
 * of what was signed before: neither of what the store has, nor of what this node has signed itself
 * since it runs or remembers. A signed checkpoint is stored before it is given out. Thread-safe.
 */
@CheckReturnValue
public final class Notary {
  /** Where a node remembers its last checkpoint, apart from the store. */
  public interface Memory {
    /** Remembers nothing beyond what the notary itself does while it lives. */
    Memory NONE =
        new Memory() {
          @Override
          public Optional<String> last() {
            return Optional.empty();
          }

          @Override
          public void remember(String note) {
            // The notary itself knows what it signed last.
          }

          @Override
          public String toString() {
            return "what this node remembers";
          }
        };

    /** The last note that was remembered; empty where there is none. Blocks. */
    Optional<String> last();

    /** Remembers a note. Blocks. */
    void remember(String note);
  }

  /** That what the store has is not the continuation of what was signed. */
  public static final class MismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MismatchException(String message) {
      super(message, null, false, false);
    }
  }

  private final EvidenceStore store;
  private final LogKeys keys;
  private final Memory memory;
  private final Scheduler blocking;
  private final Consumer<Throwable> troubled;
  private final Counter signed;
  private final Counter mismatches;
  private final AtomicReference<@Nullable Checkpoint> last = new AtomicReference<>();

  /** Completes when the signing that was wanted last has ended. */
  private final AtomicReference<Mono<Void>> signing = new AtomicReference<>(Mono.empty());

  /**
   * A notary that is not begun.
   *
   * @param keys what signs, and what signed before
   * @param blocking where the memory is asked
   * @param troubled is told of each try that failed
   */
  public Notary(
      EvidenceStore store,
      LogKeys keys,
      Memory memory,
      Scheduler blocking,
      MeterRegistry registry,
      Consumer<Throwable> troubled) {
    this.store = store;
    this.keys = keys;
    this.memory = memory;
    this.blocking = blocking;
    this.troubled = troubled;
    this.signed =
        Counter.builder("audit.checkpoints")
            .description("Checkpoints of the log that this node has signed")
            .register(registry);
    this.mismatches =
        Counter.builder("audit.checkpoints.mismatch")
            .description("Times at which the log was not the continuation of what was signed")
            .register(registry);
  }

  /** What verifies the checkpoints that it signs. */
  public NoteKey key() {
    return keys.signer().key();
  }

  /** What verifies that checkpoint, which an earlier key may have signed. */
  public NoteKey keyOf(String note) {
    return keys.keyOf(note);
  }

  /** Begins to sign, with that pause between two looks, until it is disposed of. */
  public Disposable start(Duration pause, Scheduler scheduler) {
    return Flux.interval(Duration.ZERO, pause, scheduler)
        .onBackpressureDrop()
        .concatMap(tick -> sign().onErrorResume(this::failed), 1)
        .subscribe();
  }

  private Mono<Signed> failed(Throwable error) {
    if (error instanceof MismatchException) {
      mismatches.increment();
    }
    troubled.accept(error);
    return Mono.empty();
  }

  /**
   * The last checkpoint, after signing a new one where the log has grown; where the log is not the
   * continuation of what was signed, the one before. Lazy. Errors: {@code unavailable} where there
   * is none.
   */
  public Mono<Signed> latest() {
    return sign()
        .onErrorResume(
            MismatchException.class, error -> failed(error).switchIfEmpty(store.lastSigned()))
        .switchIfEmpty(
            Mono.error(
                () ->
                    new AuditException(
                        ProblemType.UNAVAILABLE, "nothing was signed yet, the log does not fit")));
  }

  /**
   * The last checkpoint, after signing a new one where the log has grown. Lazy. Errors: {@link
   * MismatchException} where the log is not the continuation of what was signed, or has no whole
   * tree; nothing is signed then. One is signed after the other.
   */
  public Mono<Signed> sign() {
    return Mono.defer(
        () -> {
          Sinks.Empty<Void> done = Sinks.empty();
          Mono<Void> before = signing.getAndSet(done.asMono());
          return before
              .then(Mono.defer(this::signNow))
              // Whoever gives up waiting leaves those behind in their turn.
              .doFinally(signal -> before.subscribe(null, null, done::tryEmitEmpty));
        });
  }

  private Mono<Signed> signNow() {
    // In this order: what another node signs meanwhile is not larger than the log.
    return store
        .lastSigned()
        .map(Optional::of)
        .defaultIfEmpty(Optional.empty())
        .flatMap(before -> store.size().flatMap(size -> sign(size, before.orElse(null))))
        .onErrorMap(
            EvidenceStore.BrokenTreeException.class,
            error -> new MismatchException(String.valueOf(error.getMessage())));
  }

  private Mono<Signed> sign(long size, @Nullable Signed before) {
    if (before != null && before.size() == size) {
      return checked(before).thenReturn(before);
    }
    return root(size)
        .flatMap(
            root -> {
              Checkpoint next = new Checkpoint(key().name(), size, root);
              return continues(before == null ? null : open(before.note()), next)
                  .then(
                      Mono.defer(
                          () -> remembered().flatMap(own -> continues(own.orElse(null), next))))
                  .then(Mono.defer(() -> keep(next)));
            });
  }

  /** What the store gives as signed has to be what its tree says, and of this key. */
  private Mono<Void> checked(Signed given) {
    Checkpoint checkpoint = open(given.note());
    if (checkpoint.equals(last.get())) {
      return Mono.empty();
    }
    return root(given.size())
        .flatMap(
            root -> {
              if (!root.equals(checkpoint.root())) {
                return Mono.error(
                    new MismatchException(
                        "the log of " + given.size() + " entries is not what was signed of it"));
              }
              return remembered().flatMap(own -> continues(own.orElse(null), checkpoint));
            })
        .doOnSuccess(done -> last.set(checkpoint));
  }

  private Checkpoint open(String note) {
    try {
      return keys.open(note);
    } catch (IllegalArgumentException e) {
      throw new MismatchException(
          "the last checkpoint was not signed by this node's key (all nodes need the same): "
              + e.getMessage());
    }
  }

  private Mono<Optional<Checkpoint>> remembered() {
    Checkpoint present = last.get();
    return present != null
        ? Mono.just(Optional.of(present))
        : Mono.fromCallable(() -> memory.last().map(this::open)).subscribeOn(blocking);
  }

  private Mono<Void> continues(@Nullable Checkpoint before, Checkpoint next) {
    if (before == null) {
      return Mono.empty();
    }
    if (before.size() > next.size()) {
      return Mono.error(
          new MismatchException(
              "the log has "
                  + next.size()
                  + " entries, and "
                  + before.size()
                  + " were signed; either an older state of the database was restored, or "
                  + memory
                  + " is of another database"));
    }
    return proof(before.size(), next.size())
        .flatMap(
            proof ->
                Proofs.isConsistent(before.size(), before.root(), next.size(), next.root(), proof)
                    ? Mono.<Void>empty()
                    : Mono.error(
                        new MismatchException(
                            "the log of "
                                + next.size()
                                + " entries is not the continuation of the "
                                + before.size()
                                + " that were signed")));
  }

  private Mono<Signed> keep(Checkpoint next) {
    Signed note = new Signed(next.size(), next.signed(keys.signer()));
    return store
        .keep(note)
        .then(Mono.fromRunnable(() -> memory.remember(note.note())).subscribeOn(blocking))
        .then(
            Mono.fromSupplier(
                () -> {
                  last.set(next);
                  signed.increment();
                  return note;
                }));
  }

  private Mono<Hash> root(long size) {
    List<Node> peaks = Proofs.trees(0, size);
    return nodes(peaks)
        .map(
            found -> {
              ByteArrayOutputStream bytes = new ByteArrayOutputStream();
              peaks.forEach(peak -> bytes.writeBytes(found(found, peak).bytes()));
              return CompactRange.of(size, bytes.toByteArray()).root();
            });
  }

  /**
   * The proof that a log of so many entries is the beginning of one of more (RFC 6962, 2.1.2);
   * empty where the tree of the log has not what makes it up.
   */
  public Mono<List<Hash>> consistency(long first, long second) {
    return proof(first, second).onErrorResume(MismatchException.class, error -> Mono.empty());
  }

  private Mono<List<Hash>> proof(long first, long second) {
    return first == 0 || first == second
        ? Mono.just(List.of())
        : hashes(Proofs.consistency(first, second));
  }

  /**
   * The proof that an entry, by its number from 1, is in a log of so many (RFC 6962, 2.1.1); empty
   * where it is not, or where the tree of the log has not what makes it up.
   */
  public Mono<List<Hash>> inclusion(long number, long size) {
    return number > size
        ? Mono.empty()
        : hashes(Proofs.inclusion(number - 1, size))
            .onErrorResume(MismatchException.class, error -> Mono.empty());
  }

  private Mono<List<Hash>> hashes(List<List<Node>> proof) {
    Set<Node> wanted = new HashSet<>();
    proof.forEach(wanted::addAll);
    return nodes(wanted).map(found -> Proofs.hashes(proof, node -> found(found, node)));
  }

  private Mono<Map<Node, Hash>> nodes(Collection<Node> wanted) {
    return wanted.isEmpty() ? Mono.just(Map.of()) : store.nodes(wanted);
  }

  private static Hash found(Map<Node, Hash> nodes, Node node) {
    Hash hash = nodes.get(node);
    if (hash == null) {
      throw new MismatchException(
          "the tree of the log has no node " + node.index() + " of level " + node.level());
    }
    return hash;
  }
}
