package io.fileaudit.core.ingest;

import io.fileaudit.core.batch.BatchKey;
import org.jspecify.annotations.Nullable;

/**
 * Where a stream of lines comes from and what it is for.
 *
 * @param batch the batch
 * @param run the run that the sender means, from 1
 * @param producer who sends, where the sender numbers its events; null otherwise
 * @param by who is known to send, for verdicts
 * @param onlyCloudEvents whether the sender said that each line is a CloudEvent, so that a plain
 *     event is refused
 */
public record Source(
    BatchKey batch,
    int run,
    @Nullable String producer,
    @Nullable String by,
    boolean onlyCloudEvents) {
  /** Where lines come from that may be of either form. */
  public Source(BatchKey batch, int run, @Nullable String producer, @Nullable String by) {
    this(batch, run, producer, by, false);
  }
}
