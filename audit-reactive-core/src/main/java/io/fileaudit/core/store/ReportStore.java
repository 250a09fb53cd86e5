package io.fileaudit.core.store;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.batch.Usual;
import io.fileaudit.api.file.FailureGroup;
import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.FileInBatch;
import io.fileaudit.api.table.PeriodReport;
import io.fileaudit.api.table.PeriodSummary;
import io.fileaudit.api.table.TableAudit;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What an {@link AuditStore} can tell over files and batches together. Thread-safe; everything is
 * lazy and only reads; cancelling stops reading. What comes out of a {@code Flux} is read as it is
 * requested. Errors: {@code unavailable}.
 */
@CheckReturnValue
public interface ReportStore {
  /**
   * Files of a batch that differ from what was announced, by name in the order of code points.
   *
   * @param batch the batch as it was found: what it announces, and of which table it is
   */
  Flux<FileFinding> findings(BatchRecord batch, FindingQuery query);

  /**
   * The name of the file that is {@code count} files behind a name, which bounds how many files a
   * page of findings looks at; empty where there are fewer.
   *
   * @param after a name, the empty one for the beginning
   * @param count 1 for the next file
   */
  Mono<String> fileBehind(BatchKey key, String after, int count);

  /** Failed files of a batch by the code of their error, the most frequent first. */
  Flux<FailureGroup> failures(BatchKey key);

  /** Accounts of one file, or of one content, over a namespace's batches, newest batch first. */
  Flux<FileInBatch> history(String namespace, HistoryQuery query);

  /**
   * What loads of the batch's table came to of late; empty where it has no table, is a sub-batch,
   * or no other load of the table was completed.
   */
  Mono<Usual> usual(BatchRecord batch);

  /** Loads of tables, the one whose batch was opened last first. */
  Flux<TableAudit> tables(TableQuery query);

  /** The load of one table for one period; empty where it has no root batch. */
  Mono<PeriodReport> period(String namespace, String table, String period);

  /** Counts of a period, or of all where it is null. */
  Mono<PeriodSummary> summary(String namespace, @Nullable String period);
}
