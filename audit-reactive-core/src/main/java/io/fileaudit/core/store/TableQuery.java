package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchStatus;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which table audits to list, the one whose batch was opened last first.
 *
 * @param namespace their namespace
 * @param table only of this table
 * @param period only of this period
 * @param statuses only those; empty means any
 * @param after only those behind this one
 * @param limit at most so many
 */
public record TableQuery(
    String namespace,
    @Nullable String table,
    @Nullable String period,
    Set<BatchStatus> statuses,
    @Nullable Place after,
    int limit) {

  public TableQuery {
    statuses = Set.copyOf(statuses);
  }

  /**
   * A place in the list.
   *
   * @param openedAt when the deciding batch was opened
   * @param batch that batch
   */
  public record Place(Instant openedAt, UUID batch) {}
}
