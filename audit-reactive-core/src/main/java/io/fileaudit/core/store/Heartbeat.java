package io.fileaudit.core.store;

import io.fileaudit.core.batch.BatchKey;

/**
 * Says that the loader of a batch lives.
 *
 * @param key the batch
 * @param run the run that is meant, from 1
 */
public record Heartbeat(BatchKey key, int run) {}
