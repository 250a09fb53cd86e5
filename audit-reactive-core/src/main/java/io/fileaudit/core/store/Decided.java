package io.fileaudit.core.store;

import io.fileaudit.core.batch.BatchRecord;

/**
 * What became of a wish.
 *
 * @param batch the batch as it is now
 * @param changed whether a decision was made; false where the run had that ending already
 */
public record Decided(BatchRecord batch, boolean changed) {}
