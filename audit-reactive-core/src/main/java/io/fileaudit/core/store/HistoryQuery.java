package io.fileaudit.core.store;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which accounts over several batches to list, newest batch first. Either name or checksum is
 * given.
 *
 * @param file the name, compared exactly
 * @param checksum the content, {@code algorithm:value}
 * @param after only those behind this one
 * @param limit at most so many
 */
public record HistoryQuery(
    @Nullable String file, @Nullable String checksum, @Nullable Place after, int limit) {

  /**
   * A place in the list.
   *
   * @param openedAt when the batch was opened
   * @param batch the batch
   * @param file the name in it
   */
  public record Place(Instant openedAt, UUID batch, String file) {}
}
