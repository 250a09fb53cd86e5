package io.fileaudit.core.store;

import io.fileaudit.core.batch.BatchRecord;

/**
 * What became of an opening.
 *
 * @param batch the batch as it is now
 * @param created whether it was not there before
 */
public record OpenedBatch(BatchRecord batch, boolean created) {}
