package io.fileaudit.core.store;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.table.NewExpectation;
import io.fileaudit.api.table.TableExpectation;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Which tables are due when, and which are overdue. Thread-safe; everything is lazy; a change that
 * was begun is finished whether or not its caller still waits. All times are the store's. Errors:
 * {@code unavailable}.
 */
@CheckReturnValue
public interface ExpectationStore {
  /**
   * An expectation of a namespace.
   *
   * @param namespace the namespace
   * @param expectation as it is shown
   */
  record Held(String namespace, TableExpectation expectation) {}

  /**
   * Sets when a table is due, from now on. What was overdue before is forgotten.
   *
   * @param wanted complete: nothing in it is null
   * @param schedule what its schedule means
   */
  Mono<TableExpectation> put(
      String namespace, String table, NewExpectation wanted, String by, Schedule schedule);

  /** The expectation of a table; empty where there is none. */
  Mono<TableExpectation> find(String namespace, String table);

  /**
   * Expectations of a namespace by table.
   *
   * @param overdue only those that are, or are not; null means all
   */
  Flux<TableExpectation> list(String namespace, @Nullable Boolean overdue);

  /** Takes an expectation away; false where there was none. */
  Mono<Boolean> remove(String namespace, String table);

  /**
   * Keeps of each expectation what was opened: the batch that ends an absence, or else meets what
   * is due next. One batch does one of these and nothing more, also after retention took it away.
   */
  Mono<Void> settle();

  /** Expectations whose due time and grace are over and that nobody has looked at since. */
  Flux<Held> passed(int limit);

  /**
   * Looks at one whose due time and grace are over: whether a root batch of the table was opened
   * for it, since the due time before and behind the batch that met that. A table that is overdue
   * already stays so since the first time. Gives it as it is then where this look was the one that
   * counts; empty where another node was faster.
   */
  Mono<TableExpectation> judge(Held passed, Schedule schedule);
}
