package io.fileaudit.api.client;

import io.fileaudit.api.batch.BatchStatus;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which batches are asked for.
 *
 * @param statuses only these; empty means any
 * @param table only this table
 * @param period only this period
 * @param labels only those that have all of these
 * @param parent only sub-batches of this one
 * @param text only those whose name, table or period contains it
 * @param pageSize how many on a page, 1 to 500
 */
public record BatchFilter(
    Set<BatchStatus> statuses,
    @Nullable String table,
    @Nullable String period,
    Map<String, String> labels,
    @Nullable UUID parent,
    @Nullable String text,
    int pageSize) {
  private static final int USUAL_PAGE = 50;

  public BatchFilter {
    statuses = Set.copyOf(statuses);
    labels = Map.copyOf(labels);
  }

  /** Every batch of the namespace. */
  public static BatchFilter all() {
    return new BatchFilter(Set.of(), null, null, Map.of(), null, null, USUAL_PAGE);
  }

  /** The batches of one table and period. */
  public static BatchFilter of(String table, String period) {
    return new BatchFilter(Set.of(), table, period, Map.of(), null, null, USUAL_PAGE);
  }

  /** Of these batches only those with one of these statuses. */
  public BatchFilter in(Set<BatchStatus> wanted) {
    return new BatchFilter(wanted, table, period, labels, parent, text, pageSize);
  }

  /** The same batches in pages of another size. */
  public BatchFilter withPageSize(int batches) {
    return new BatchFilter(statuses, table, period, labels, parent, text, batches);
  }
}
