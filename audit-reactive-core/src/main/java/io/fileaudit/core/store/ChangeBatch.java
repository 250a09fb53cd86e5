package io.fileaudit.core.store;

import io.fileaudit.api.batch.Limits;
import io.fileaudit.core.batch.BatchChange;
import io.fileaudit.core.batch.BatchKey;

/**
 * Changes limits and labels of an open batch.
 *
 * @param key the batch
 * @param run the run that is meant, from 1
 * @param change what is to be different
 * @param inherited the limits of batches that set none: every one of them set
 */
public record ChangeBatch(BatchKey key, int run, BatchChange change, Limits inherited) {}
