package io.fileaudit.r2dbc.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A connection to PostgreSQL that loads files by COPY. */
final class PostgresLoadSession implements LoadSession {
  /** The table of loaded files; docs/loading.md describes it for those who look into it. */
  static final String NOTES = "audit_loaded_files";

  private static final int FRAME_BYTES = 128 * 1024;

  /** One that was overtaken by nobody for this long waits for a loader that hangs. */
  private static final String LOCK_TIMEOUT = "60s";

  private static final String FIND =
      """
      SELECT n.nspname, c.relname,
        (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'f', 'v')
      """;

  private static final String MAKE_NOTES =
      """
      CREATE TABLE IF NOT EXISTS %s (
        batch uuid NOT NULL, file text NOT NULL, run integer NOT NULL, table_name text NOT NULL,
        rows bigint NOT NULL, rejected_rows bigint NOT NULL, bytes bigint NOT NULL,
        checksum text NOT NULL, loaded_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (batch, file))
      """;

  private final PostgresqlConnection connection;

  PostgresLoadSession(PostgresqlConnection connection) {
    this.connection = connection;
  }

  @Override
  public Mono<TargetTable> table(TableName name) {
    return first(
            connection.createStatement(FIND).bind("$1", name.sql()), PostgresLoadSession::table)
        .onErrorMap(LoadErrors::map);
  }

  private static TargetTable table(Readable row) {
    String[] columns = row.get(2, String[].class);
    return new TargetTable(
        text(row, 0), text(row, 1), columns == null ? List.of() : List.of(columns));
  }

  @Override
  public Mono<Void> create(TableName name, List<String> columns) {
    String list =
        columns.stream()
            .map(column -> TableName.quoted(column) + " text")
            .collect(Collectors.joining(", "));
    return execute("CREATE TABLE IF NOT EXISTS " + name.sql() + " (" + list + ")");
  }

  @Override
  public Mono<Void> prepare(TargetTable table) {
    // Looked for first: a role that may not make tables may use one that was made for it.
    Mono<TargetTable> found = table(table.notes());
    Mono<TargetTable> made =
        execute(MAKE_NOTES.formatted(table.notes().sql()))
            // Of two that make it at one time, one may be told that it is there.
            .onErrorResume(error -> found.switchIfEmpty(Mono.error(error)).then())
            .then(Mono.empty());
    return found.switchIfEmpty(made).then();
  }

  @Override
  public Mono<LoadedFile> loaded(TargetTable table, UUID batch, String file) {
    return first(
            connection
                .createStatement(
                    "SELECT run, rows, rejected_rows, bytes, checksum FROM "
                        + table.notes().sql()
                        + " WHERE batch = $1 AND file = $2")
                .bind("$1", batch)
                .bind("$2", file),
            row ->
                new LoadedFile(
                    batch,
                    file,
                    number(row, 0).intValue(),
                    number(row, 1).longValue(),
                    number(row, 2).longValue(),
                    number(row, 3).longValue(),
                    text(row, 4)))
        .onErrorMap(LoadErrors::map);
  }

  @Override
  public Mono<LoadedFile> begin(TargetTable table, UUID batch, String file, int run) {
    // The note is made first, so that its key keeps out whoever is at the same file.
    Mono<Long> note =
        connection
            .createStatement(
                "INSERT INTO "
                    + table.notes().sql()
                    + " (batch, file, run, table_name, rows, rejected_rows, bytes, checksum)"
                    + " VALUES ($1, $2, $3, $4, 0, 0, 0, '') ON CONFLICT DO NOTHING")
            .bind("$1", batch)
            .bind("$2", file)
            .bind("$3", run)
            .bind("$4", table.table())
            .execute()
            .flatMap(PostgresqlResult::getRowsUpdated)
            .next();
    return connection
        .beginTransaction()
        .then(execute("SET LOCAL lock_timeout = '" + LOCK_TIMEOUT + "'"))
        .then(note)
        .flatMap(
            noted ->
                noted == 1
                    ? execute("SAVEPOINT before_rows").then(Mono.<LoadedFile>empty())
                    : loaded(table, batch, file).flatMap(earlier -> rollback().thenReturn(earlier)))
        .onErrorMap(LoadErrors::map);
  }

  @Override
  public Mono<Long> copy(TargetTable table, List<String> columns, byte[] rows, int from, int to) {
    return Mono.defer(() -> connection.copyIn(copySql(table, columns), frames(rows, from, to)))
        .onErrorResume(
            LoadErrors::isOfARow,
            error ->
                execute("ROLLBACK TO SAVEPOINT before_rows")
                    .then(Mono.error(LoadErrors.badRow(error, table.table()))))
        .flatMap(
            copied ->
                execute("RELEASE SAVEPOINT before_rows; SAVEPOINT before_rows").thenReturn(copied))
        .onErrorMap(LoadErrors::map);
  }

  private static String copySql(TargetTable table, List<String> columns) {
    String list = columns.stream().map(TableName::quoted).collect(Collectors.joining(", "));
    return "COPY " + table.name().sql() + " (" + list + ") FROM STDIN";
  }

  private static Flux<ByteBuf> frames(byte[] rows, int from, int to) {
    int count = (to - from + FRAME_BYTES - 1) / FRAME_BYTES;
    return Flux.range(0, count)
        .map(
            frame -> {
              int begin = from + frame * FRAME_BYTES;
              return Unpooled.wrappedBuffer(rows, begin, Math.min(FRAME_BYTES, to - begin));
            });
  }

  @Override
  public Mono<Void> commit(TargetTable table, LoadedFile file) {
    return connection
        .createStatement(
            "UPDATE "
                + table.notes().sql()
                + " SET rows = $3, rejected_rows = $4, bytes = $5, checksum = $6, loaded_at ="
                + " clock_timestamp() WHERE batch = $1 AND file = $2")
        .bind("$1", file.batch())
        .bind("$2", file.file())
        .bind("$3", file.rows())
        .bind("$4", file.rejectedRows())
        .bind("$5", file.bytes())
        .bind("$6", file.checksum())
        .execute()
        .flatMap(PostgresqlResult::getRowsUpdated)
        .then(connection.commitTransaction())
        .onErrorMap(LoadErrors::map);
  }

  @Override
  public Mono<Void> rollback() {
    return connection.rollbackTransaction().onErrorMap(LoadErrors::map);
  }

  @Override
  public Mono<Void> close() {
    return connection.close().onErrorComplete();
  }

  private Mono<Void> execute(String sql) {
    return connection
        .createStatement(sql)
        .execute()
        .flatMap(PostgresqlResult::getRowsUpdated)
        .then()
        .onErrorMap(LoadErrors::map);
  }

  /** The first row, the others read and dropped. */
  private static <T> Mono<T> first(
      PostgresqlStatement statement, java.util.function.Function<Readable, T> row) {
    return statement
        .execute()
        .flatMap(result -> result.map(row))
        .collectList()
        .flatMap(rows -> rows.isEmpty() ? Mono.empty() : Mono.just(rows.get(0)));
  }

  private static String text(Readable row, int column) {
    return Objects.requireNonNull(row.get(column, String.class));
  }

  private static Number number(Readable row, int column) {
    return Objects.requireNonNull(row.get(column, Number.class));
  }
}
