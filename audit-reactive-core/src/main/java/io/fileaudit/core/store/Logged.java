package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.core.batch.BatchKey;
import java.util.Map;

/**
 * A decision as the log has it.
 *
 * @param key the batch
 * @param spec how the batch was opened; nothing of it where it was purged since
 * @param labels the labels that it has
 * @param number its place in the log, from 1; 0 while it has none
 * @param version the version of the batch that the decision made
 * @param verdict the decision
 */
public record Logged(
    BatchKey key,
    BatchSpec spec,
    Map<String, String> labels,
    long number,
    long version,
    Verdict verdict) {}
