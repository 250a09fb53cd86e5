package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which batches of a namespace to list, newest first.
 *
 * @param namespace whose batches
 * @param statuses only these; empty means any
 * @param table only this table
 * @param period only this period
 * @param labels only those that have all of these
 * @param parent only sub-batches of this one
 * @param text only those whose name, table or period contains it, ignoring case
 * @param after only those behind this place; null starts at the newest
 * @param limit at most so many
 */
public record BatchQuery(
    String namespace,
    Set<BatchStatus> statuses,
    @Nullable String table,
    @Nullable String period,
    Map<String, String> labels,
    @Nullable UUID parent,
    @Nullable String text,
    @Nullable Place after,
    int limit) {

  /**
   * A place in the list.
   *
   * @param openedAt when the batch there was opened
   * @param id that batch
   */
  public record Place(Instant openedAt, UUID id) {}

  /** What {@code text} is looked for in, in small letters. */
  public static String words(BatchSpec spec) {
    return Stream.of(spec.name(), spec.table(), spec.period())
        .filter(Objects::nonNull)
        .collect(Collectors.joining("\n"))
        .toLowerCase(Locale.ROOT);
  }

  /** The text in small letters; null where all are meant. */
  public @Nullable String smallText() {
    return text == null ? null : text.toLowerCase(Locale.ROOT);
  }

  /**
   * Whether a batch that was opened like that, and has these labels, is one of those, whatever its
   * status.
   */
  public boolean fits(BatchSpec spec, Map<String, String> present) {
    String small = smallText();
    return (table == null || table.equals(spec.table()))
        && (period == null || period.equals(spec.period()))
        && (parent == null || parent.equals(spec.parent()))
        && present.entrySet().containsAll(labels.entrySet())
        && (small == null || words(spec).contains(small));
  }

  /** The same list, so many at a time. */
  public BatchQuery atATime(int most) {
    return new BatchQuery(namespace, statuses, table, period, labels, parent, text, after, most);
  }

  /** The same list from behind a place on; null begins at the newest. */
  public BatchQuery behind(@Nullable Place place) {
    return new BatchQuery(namespace, statuses, table, period, labels, parent, text, place, limit);
  }

  /**
   * The open ones of the same list from its beginning on; without a status where there are none.
   */
  public BatchQuery ofOpen(int most) {
    Set<BatchStatus> open = EnumSet.of(BatchStatus.PENDING, BatchStatus.RUNNING);
    if (!statuses.isEmpty()) {
      open.retainAll(statuses);
    }
    return new BatchQuery(namespace, open, table, period, labels, parent, text, null, most);
  }

  /** All batches of a namespace. */
  public static BatchQuery all(String namespace, int limit) {
    return new BatchQuery(namespace, Set.of(), null, null, Map.of(), null, null, null, limit);
  }
}
