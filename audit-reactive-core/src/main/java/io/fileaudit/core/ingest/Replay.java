package io.fileaudit.core.ingest;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.Line;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.Rejected;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Tries refused events again as they are kept: those that came too early, too late or to an ended
 * batch go in once the batch takes them. What is refused again stays as it was.
 */
public final class Replay {
  private final AuditStore store;
  private final CommitWriter writer;
  private final Supplier<UUID> chunkIds;

  /** Replays what that store keeps through that writer. */
  public Replay(AuditStore store, CommitWriter writer, Supplier<UUID> chunkIds) {
    this.store = store;
    this.writer = writer;
    this.chunkIds = chunkIds;
  }

  /**
   * Tries them again; the line of a refusal is the number under which the event is kept. Lazy;
   * cancelling gives up the answer and what was not begun. Empty where nothing is open. Errors:
   * {@code invalid-request} where one that is asked for is not open, and those of {@link
   * CommitWriter#commit}.
   *
   * @param run the run that takes them, from 1
   * @param numbers which; empty means all that are open and kept word for word
   */
  public Mono<Ack> replay(BatchKey key, int run, Set<Long> numbers) {
    return store
        .rejected(key, 0, Integer.MAX_VALUE)
        .filter(kept -> kept.resolution() == null)
        .filter(kept -> numbers.isEmpty() ? !kept.onlyCounted() : numbers.contains(kept.number()))
        .collectList()
        .doOnNext(open -> checkOpen(open, numbers))
        .flatMapMany(open -> Flux.fromIterable(chunks(key, run, open)))
        .concatMap(writer::commit, 1)
        .reduce(Ack::and);
  }

  private static void checkOpen(List<Rejected> open, Set<Long> numbers) {
    Set<Long> others = new TreeSet<>(numbers);
    open.forEach(kept -> others.remove(kept.number()));
    if (!others.isEmpty()) {
      throw new AuditException(
          ProblemType.INVALID_REQUEST,
          "no open refused event "
              + others.stream().limit(10).map(String::valueOf).collect(Collectors.joining(", ")));
    }
  }

  /** Positions count within their producer, so each producer has chunks of its own. */
  private List<Chunk> chunks(BatchKey key, int run, List<Rejected> open) {
    Map<@Nullable String, List<Line>> byProducer = new LinkedHashMap<>();
    EventReader reader = new EventReader();
    for (Rejected kept : open) {
      byProducer
          .computeIfAbsent(kept.producer(), name -> new ArrayList<>())
          .add(line(reader, kept));
    }
    List<Chunk> chunks = new ArrayList<>();
    byProducer.forEach(
        (producer, lines) ->
            chunks.add(new Chunk(chunkIds.get(), key, run, producer, lines, Chunk.Kind.REPLAY)));
    return chunks;
  }

  private static Line line(EventReader reader, Rejected kept) {
    byte[] text = kept.text().getBytes(StandardCharsets.UTF_8);
    if (kept.onlyCounted()) {
      return refused(kept, text, "it was only counted, so there is nothing to replay");
    }
    Line line = reader.readKept(kept.number(), text, kept.position());
    return line.standsAlone()
        ? refused(kept, text, "OPENED and ENDED are not replayed; ask for the status that you want")
        : line;
  }

  private static Line refused(Rejected kept, byte[] text, String detail) {
    Refusal refusal = Refusal.of(kept.number(), ProblemType.INVALID_EVENT, detail);
    return new Line.Unreadable(kept.number(), text, refusal, kept.position(), kept.id());
  }
}
