package io.fileaudit.api.batch;

/**
 * What loads of the same table came to of late: the last root batches of it that ended COMPLETED,
 * 20 at most, this one not among them. Percentiles are interpolated (PERCENTILE_CONT of SQL).
 *
 * @param batches how many there are to go by
 * @param medianSeconds half of them took no longer than this from their first event
 * @param p95Seconds of twenty of them nineteen took no longer
 * @param medianRows half of them had no more rows
 * @param p95Rows of twenty of them nineteen had no more
 * @param medianBytes half of them had no more bytes
 * @param p95Bytes of twenty of them nineteen had no more
 */
public record Usual(
    long batches,
    double medianSeconds,
    double p95Seconds,
    double medianRows,
    double p95Rows,
    double medianBytes,
    double p95Bytes) {
  /** How many batches it takes to call another one slow. */
  public static final int ENOUGH = 5;
}
