package io.fileaudit.api.table;

import java.util.List;

/**
 * A table audit with its history.
 *
 * @param audit what the load has come to
 * @param files its files, each by its newest account over all batches
 * @param history its root batches, newest first, a hundred at most
 */
public record PeriodReport(TableAudit audit, FileFigures files, List<BatchInHistory> history) {
  public PeriodReport {
    history = List.copyOf(history);
  }
}
