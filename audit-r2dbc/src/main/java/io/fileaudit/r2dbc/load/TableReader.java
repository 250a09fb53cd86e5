package io.fileaudit.r2dbc.load;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.r2dbc.PostgresSettings;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads whole tables of somebody else's database, whatever columns they have, all of them as they
 * were at one moment. It changes nothing there. Thread-safe.
 */
@CheckReturnValue
public final class TableReader {
  // What is not read yet waits in the database, not here.
  private static final int FETCH_ROWS = 1_000;

  private static final String FOUND =
      "SELECT to_regclass($1) IS NOT NULL AND has_table_privilege(to_regclass($1), 'SELECT')";

  private final PostgresqlConnectionFactory connections;

  /** A reader there; of the settings, size of the pool and statement timeout do not matter. */
  public TableReader(PostgresSettings settings) {
    connections = PostgresLoadTarget.connections(settings, "audit import");
  }

  /**
   * Reads tables. Lazy; each subscription is a connection and a snapshot of its own. Cancelling
   * closes the connection. Errors: {@link TargetException.Away}, and {@link
   * TargetException.Refused} also where there is none of the names of a table.
   *
   * @param wanted for each table the names that it may have; the first that is there is read
   * @return what they hold, in the order of {@code wanted}
   */
  public Mono<List<TableRows>> read(List<List<TableName>> wanted) {
    return Mono.usingWhen(
            connections.create(),
            connection ->
                execute(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .thenMany(Flux.fromIterable(wanted))
                    .concatMap(names -> read(connection, names))
                    .collectList(),
            PostgresqlConnection::close)
        .onErrorMap(LoadErrors::map);
  }

  private static Mono<TableRows> read(PostgresqlConnection connection, List<TableName> names) {
    return Flux.fromIterable(names)
        .filterWhen(name -> isThere(connection, name), 1)
        .next()
        .switchIfEmpty(Mono.error(() -> none(names)))
        .flatMap(
            name -> rows(connection, name).collectList().map(rows -> new TableRows(name, rows)));
  }

  private static TargetException none(List<TableName> names) {
    return new TargetException.Refused(
        "there is no table "
            + names.stream().map(TableName::toString).collect(Collectors.joining(" or "))
            + " that this role may read",
        null,
        null);
  }

  private static Mono<Boolean> isThere(PostgresqlConnection connection, TableName name) {
    return connection
        .createStatement(FOUND)
        .bind("$1", name.sql())
        .execute()
        .flatMap(result -> result.map(row -> Boolean.TRUE.equals(row.get(0, Boolean.class))))
        .next();
  }

  private static Flux<String> rows(PostgresqlConnection connection, TableName name) {
    return connection
        // Not jsonb, in which some text that a column of type json may hold has no place.
        .createStatement("SELECT row_to_json(t)::text FROM " + name.sql() + " t")
        .fetchSize(FETCH_ROWS)
        .execute()
        .concatMap(result -> result.map(row -> Objects.requireNonNull(row.get(0, String.class))));
  }

  private static Mono<Void> execute(PostgresqlConnection connection, String sql) {
    return connection
        .createStatement(sql)
        .execute()
        .flatMap(PostgresqlResult::getRowsUpdated)
        .then();
  }
}
