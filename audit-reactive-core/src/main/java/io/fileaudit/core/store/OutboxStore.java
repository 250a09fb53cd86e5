package io.fileaudit.core.store;

import com.google.errorprone.annotations.CheckReturnValue;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The part of the port that tells others of changes of status: each opening, first event, ending
 * and resuming waits here from its commit on until it was sent. Laziness and errors are those of
 * {@link AuditStore}.
 */
@CheckReturnValue
public interface OutboxStore {
  /**
   * What waits.
   *
   * @param waiting how many changes; a store may stop counting at 10,000
   * @param age how long the oldest has waited, by the store's clock; null where none waits
   */
  record Backlog(int waiting, @Nullable Duration age) {
    /** Nothing waits. */
    public static final Backlog NONE = new Backlog(0, null);
  }

  /**
   * Hands the oldest changes to {@code sending}, those of one batch in the order of their versions,
   * and takes them away when that has completed. Gives how many; 0 where none waits, or where
   * somebody else is sending, of whom there is one at a time over all nodes.
   *
   * <p>Each change is handed on at least once: again where {@code sending} failed, whose error
   * comes out as it is, and where this node or the store was lost before the changes could be taken
   * away. A {@code sending} that takes longer than 60 s may find that another node has begun to
   * send the same. Once begun it is finished whether or not the caller still waits.
   *
   * @param limit the most changes
   * @param sending completes once the changes are safe elsewhere; gets at least one
   */
  Mono<Integer> send(int limit, Function<List<StatusChange>, Mono<Void>> sending);

  /** How much waits, at a bounded cost. */
  Mono<Backlog> backlog();
}
