package io.fileaudit.core.ingest;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Ended;
import io.fileaudit.api.event.Opened;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.Line;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.store.Decided;
import io.fileaudit.core.watch.LiveBatches;
import io.fileaudit.core.watch.Verdicts.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Takes the byte streams of loaders: bytes become lines, lines events, events chunks, chunks
 * commits, and each commit an acknowledgement. Demand is carried from the acknowledgements back to
 * the bytes.
 */
public final class Ingest {
  private final Batches batches;
  private final CommitWriter writer;
  private final Supplier<UUID> chunkIds;

  /** An ingest that writes by that writer and names chunks by that source of fresh ids. */
  public Ingest(Batches batches, CommitWriter writer, Supplier<UUID> chunkIds) {
    this.batches = batches;
    this.writer = writer;
    this.chunkIds = chunkIds;
  }

  /**
   * Commits a stream of lines and gives an acknowledgement after each commit. Lazy: nothing is read
   * before it is subscribed. Bytes are requested only as far as commits keep up and
   * acknowledgements are requested. Cancelling stops reading; a commit under way is finished. An
   * error of the bytes ends it, after which nothing unacknowledged is counted on; errors of commits
   * are those of {@link CommitWriter#commit}.
   *
   * @param body lines that end with LF or CRLF, cut anywhere; arrays are not used again by the
   *     caller
   */
  public Flux<Ack> lines(Source source, Flux<byte[]> body) {
    return new LineFlux(
        body,
        source.onlyCloudEvents(),
        writer.settings().chunkSize(),
        lines -> step(source, lines));
  }

  /**
   * The same, watched while it lasts: when the batch ends otherwise than by this stream, the
   * acknowledgements end with one that carries the verdict and nothing more is read. Errors: also
   * {@code not-found} where the batch is not there.
   */
  public Flux<Ack> watchedLines(Source source, Flux<byte[]> body, LiveBatches live) {
    return batches
        .find(source.batch())
        .map(Optional::of)
        .onErrorResume(Ingest::isMissing, missing -> Mono.just(Optional.empty()))
        .flatMapMany(
            batch ->
                batch.isEmpty()
                    ? lines(source, body)
                    : lines(source, body).publish(acks -> untilEnded(batch.get(), acks, live), 1));
  }

  /** A batch that is not there yet may be opened by the stream's first line. */
  static boolean isMissing(Throwable error) {
    return error instanceof AuditException audit && audit.type() == ProblemType.NOT_FOUND;
  }

  private static Flux<Ack> untilEnded(BatchRecord batch, Flux<Ack> acks, LiveBatches live) {
    AtomicReference<@Nullable Ack> last = new AtomicReference<>();
    AtomicReference<@Nullable Decision> ending = new AtomicReference<>();
    Mono<Decision> endedElsewhere =
        live.ending(batch, acks).filter(decision -> !endedHere(last.get())).doOnNext(ending::set);
    return acks.doOnNext(last::set)
        .takeUntilOther(endedElsewhere.concatWith(Mono.never()))
        .concatWith(Mono.defer(() -> Mono.justOrEmpty(closing(last.get(), ending.get()))));
  }

  private static boolean endedHere(@Nullable Ack last) {
    return last != null && last.verdict() != null;
  }

  /** The acknowledgement that says that the batch has ended. */
  private static @Nullable Ack closing(@Nullable Ack last, @Nullable Decision ending) {
    if (ending == null) {
      return null;
    }
    return Ack.nothing(
        last == null ? 0 : last.lastLine(),
        ending.verdict().run(),
        ending.verdict().status(),
        ending.version(),
        ending.verdict());
  }

  /** Carries out lines that stand together: a chunk, or one line that opens or ends the batch. */
  Mono<Ack> step(Source source, List<Line> lines) {
    if (lines.size() == 1 && lines.get(0) instanceof Line.Readable line) {
      if (line.event() instanceof Ended ended) {
        return end(source, line, ended);
      }
      if (line.event() instanceof Opened opened) {
        return open(source, line, opened);
      }
    }
    return commit(source, lines);
  }

  private Mono<Ack> commit(Source source, List<Line> lines) {
    return writer
        .commit(new Chunk(chunkIds.get(), source.batch(), source.run(), source.producer(), lines))
        .onErrorMap(Ingest::isMissing, error -> withFirstRefusal(lines, (AuditException) error));
  }

  /** Where the batch is missing because the line that should have opened it was refused. */
  private static AuditException withFirstRefusal(List<Line> lines, AuditException missing) {
    return lines.get(0) instanceof Line.Unreadable first
        ? new AuditException(
            missing.type(),
            missing.detail() + "; line " + first.number() + ": " + first.refusal().detail())
        : missing;
  }

  private Mono<Ack> open(Source source, Line.Readable line, Opened opened) {
    return batches
        .open(source.batch(), opened.spec(), source.run(), source.by())
        .then(Mono.defer(() -> commit(source, List.of(line))))
        .onErrorResume(AuditException.class, error -> refuse(source, line, error));
  }

  private Mono<Ack> end(Source source, Line.Readable line, Ended ended) {
    return batches
        .end(source.batch(), source.run(), source.producer(), line, ended, source.by())
        .map(decided -> ack(line, decided))
        .onErrorResume(AuditException.class, error -> refuse(source, line, error));
  }

  private Mono<Ack> refuse(Source source, Line.Readable line, AuditException error) {
    if (error.type() == ProblemType.UNAVAILABLE || error.type() == ProblemType.NOT_FOUND) {
      return Mono.error(error);
    }
    Refusal refusal = Refusal.of(line.number(), error.type(), error.detail());
    List<Line> refused = new ArrayList<>();
    refused.add(
        new Line.Unreadable(
            line.number(), line.canonical(), refusal, line.event().position(), line.event().id()));
    return commit(source, refused).onErrorMap(Ingest::isMissing, missing -> error);
  }

  private static Ack ack(Line.Readable line, Decided decided) {
    var state = decided.batch().state();
    Long seq = decided.changed() && state.verdict() != null ? state.verdict().seq() : null;
    return new Ack(
        decided.changed() ? 1 : 0,
        decided.changed() ? 0 : 1,
        !decided.changed(),
        0,
        List.of(),
        seq,
        seq,
        line.number(),
        state.run(),
        state.status(),
        state.version(),
        state.status().isOpen() ? null : state.verdict(),
        TreeHead.of(state.tree()));
  }
}
