package io.fileaudit.r2dbc.load;

import com.google.errorprone.annotations.CheckReturnValue;
import java.util.List;
import java.util.UUID;
import reactor.core.publisher.Mono;

/**
 * A connection to a database that files are loaded into, one file at a time, each in a transaction
 * of its own that also notes that the file was loaded: what is in the table and what the notes say
 * cannot differ, wherever a loader or the database is killed.
 *
 * <p>For one caller, who waits for each call before the next. Every publisher is lazy. Cancelling
 * leaves the session in no state to go on; close it. Errors of all calls are {@link
 * TargetException}s; after {@link TargetException.Away} the session is of no use, after {@link
 * TargetException.Refused} the transaction, where one was begun, can only be rolled back.
 */
@CheckReturnValue
public interface LoadSession {

  /** Finds a table, on the search path where no schema is named; empty where there is none. */
  Mono<TargetTable> table(TableName name);

  /** Makes a table of text columns where there is none of that name. */
  Mono<Void> create(TableName name, List<String> columns);

  /** Makes the notes of loaded files beside the table where they are missing. */
  Mono<Void> prepare(TargetTable table);

  /** What was noted of a file of a batch; empty where it was not loaded. */
  Mono<LoadedFile> loaded(TargetTable table, UUID batch, String file);

  /**
   * Begins the transaction of a file. Another loader that is at the same file of the same batch is
   * waited for.
   *
   * @return empty where it was begun; else what was noted when the file was loaded before, and
   *     nothing is begun
   */
  Mono<LoadedFile> begin(TargetTable table, UUID batch, String file, int run);

  /**
   * Adds rows, all of them or none: after {@link TargetException.BadRow} the transaction is as it
   * was before this call and goes on.
   *
   * @param columns which columns the rows have, in their order
   * @param rows rows in COPY's text format; must not change until the call is over
   * @param from the first byte of the first row
   * @param to behind the last byte of the last row
   * @return how many rows the table took
   */
  Mono<Long> copy(TargetTable table, List<String> columns, byte[] rows, int from, int to);

  /**
   * Notes what came of the file and commits. After {@link TargetException.Away} it is not known
   * whether that happened; {@link #loaded} on a new session knows.
   */
  Mono<Void> commit(TargetTable table, LoadedFile file);

  /** Gives up the file that was begun. */
  Mono<Void> rollback();

  /** Closes the connection, which also gives up what was begun; has no errors. */
  Mono<Void> close();
}
