package io.fileaudit.api.table;

import io.fileaudit.api.batch.BatchStatus;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts of a period, level by level.
 *
 * @param period the period; null for all
 * @param tables tables by the status of their load
 * @param batches root batches by status
 * @param subBatches sub-batches by status
 * @param files their files, added up over all these batches
 */
public record PeriodSummary(
    @Nullable String period,
    Map<BatchStatus, Long> tables,
    Map<BatchStatus, Long> batches,
    Map<BatchStatus, Long> subBatches,
    FileFigures files) {}
