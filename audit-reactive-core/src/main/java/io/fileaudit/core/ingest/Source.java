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
 */
public record Source(BatchKey batch, int run, @Nullable String producer, @Nullable String by) {}
