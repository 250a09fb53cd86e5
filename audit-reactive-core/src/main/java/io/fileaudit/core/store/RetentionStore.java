package io.fileaudit.core.store;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.core.batch.BatchKey;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Takes away what is older than it has to be kept. Thread-safe; everything is lazy; a step that was
 * begun is finished whether or not its caller still waits. Ages go by the store's clock. Errors:
 * {@code unavailable}.
 */
@CheckReturnValue
public interface RetentionStore {
  /**
   * How long ended batches are kept.
   *
   * @param standard where nothing is said of the namespace; null for ever
   * @param byNamespace of single namespaces; a namespace that is not there has the standard
   * @param forever namespaces of which nothing is taken away
   */
  record Ages(@Nullable Duration standard, Map<String, Duration> byNamespace, Set<String> forever) {
    public Ages {
      byNamespace = Map.copyOf(byNamespace);
      forever = Set.copyOf(forever);
    }

    /** Whether anything is ever taken away. */
    public boolean isNever() {
      return standard == null && byNamespace.isEmpty();
    }
  }

  /**
   * Batches to purge, oldest first: those that were begun before, and those whose root batch ended
   * longer ago than it is kept, sub-batches before their parent.
   */
  Flux<BatchKey> outdated(Ages ages, int limit);

  /**
   * Takes a bounded part of an ended batch away: the batch itself first, then what belongs to it.
   *
   * @param rows the most rows of this step
   * @return true when nothing is left, false when there is more; empty where the batch is open
   *     again, has sub-batches that go first, or is gone whole already
   */
  Mono<Boolean> purge(BatchKey key, int rows);

  /** Whether that batch was there and was taken away. */
  Mono<Boolean> isPurged(BatchKey key);
}
