package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.core.batch.BatchKey;
import org.jspecify.annotations.Nullable;

/**
 * Opens a batch.
 *
 * @param key the id that the caller chose
 * @param spec how it is opened; its {@code resume} takes an ended batch up again
 * @param limits the limits that hold: every one of them set
 * @param run the run that is to be open afterwards, from 1, where the caller names one: only that
 *     one is resumed; null for whichever comes next
 * @param by who asks
 * @param node which node carries it out
 */
public record OpenBatch(
    BatchKey key,
    BatchSpec spec,
    Limits limits,
    @Nullable Integer run,
    @Nullable String by,
    String node) {}
