package io.fileaudit.r2dbc;

import io.fileaudit.api.hook.DeliveryState;
import io.fileaudit.api.hook.Webhook;
import io.fileaudit.api.hook.WebhookDelivery;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.store.HookEvent;
import io.fileaudit.core.store.OutboxStore;
import io.fileaudit.core.store.WebhookStore;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Webhooks in PostgreSQL. Triggers note what there is to tell of changes of status; nobody holds a
 * transaction open while something is sent: a claim is a time in the row.
 */
final class PostgresWebhooks implements WebhookStore {
  private static final int MOST_COUNTED = 10_000;

  private static final String HOOKS =
      "SELECT "
          + WebhookRows.HOOK_COLUMNS
          + """
          , d.*, (SELECT count(*)::int FROM (
                SELECT FROM webhook_delivery x WHERE x.webhook = w.number AND x.ended_at IS NULL LIMIT 1000) x) AS waiting
            FROM webhook w LEFT JOIN LATERAL (
              SELECT * FROM webhook_delivery x WHERE x.webhook = w.number AND x.last_at IS NOT NULL
               ORDER BY x.last_at DESC LIMIT 1) d ON true
           WHERE w.removed_at IS NULL AND w.namespace = $1
          """;

  private static final String NAMED =
      "(SELECT number FROM webhook WHERE removed_at IS NULL AND namespace = $1 AND name = $2)";

  private static final String PUT =
      """
      INSERT INTO webhook AS w (namespace, name, url, secret, tables, events, is_enabled, created_at, created_by,
          changed_at, changed_by)
      SELECT $1, $2, $3, $5, $6, $7, $8, t.now, $9, t.now, $9 FROM (SELECT clock_timestamp() AS now OFFSET 0) t
      ON CONFLICT (namespace, name) WHERE removed_at IS NULL DO UPDATE SET url = excluded.url,
          secret = coalesce($4, w.secret), tables = excluded.tables, events = excluded.events,
          is_enabled = excluded.is_enabled, disabled_reason = NULL, changed_at = excluded.changed_at,
          changed_by = excluded.changed_by, failures = 0, rests_until = NULL
      RETURNING (xmax = 0) AS created
      """;

  private static final String ENROL =
      """
      INSERT INTO flag_watch (namespace, batch, look_at)
      SELECT s.namespace, s.batch, clock_timestamp() FROM batch_state s
       WHERE s.namespace = $1 AND wants_flags($1) AND s.status IN ('PENDING', 'RUNNING')
         AND NOT EXISTS (SELECT FROM flag_watch f WHERE f.namespace = s.namespace AND f.batch = s.batch)
      ON CONFLICT DO NOTHING
      """;

  /** $1 full webhooks, $2 how many of each other, $3 the most, $4 seconds. */
  private static final String CLAIM =
      ("WITH well AS ("
              + due("webhook", "w.failures = 0", "$2")
              + """
              ), rested AS (
                SELECT w.* FROM webhook w
                 WHERE w.removed_at IS NULL AND w.is_enabled AND w.number <> ALL ($1) AND w.failures > 0
                   AND coalesce(w.rests_until <= now(), true)
                   FOR UPDATE SKIP LOCKED
              ), probes AS ("""
              + due("rested", "true", "1")
              + """
              ), held AS (
                UPDATE webhook SET rests_until = clock_timestamp() + make_interval(secs => $4::float8)
                 WHERE number IN (SELECT webhook FROM probes)
              ), claimed AS (
                UPDATE webhook_delivery SET claim = gen_random_uuid(), tries = tries + 1,
                    first_at = coalesce(first_at, clock_timestamp()),
                    next_at = clock_timestamp() + make_interval(secs => $4::float8)
                 WHERE number IN (SELECT number FROM well UNION ALL SELECT number FROM probes) RETURNING *)
              """)
          + claimed("claimed")
          + " ORDER BY d.number";

  private static final String TEST =
      """
      WITH made AS (
        INSERT INTO webhook_delivery (webhook, event, namespace, recorded_at, tries, first_at, claim, next_at)
        SELECT w.number, 'test', w.namespace, t.now, 1, t.now, gen_random_uuid(), t.now + make_interval(secs => $3::float8)
          FROM (SELECT clock_timestamp() AS now OFFSET 0) t, webhook w
         WHERE w.removed_at IS NULL AND w.namespace = $1 AND w.name = $2 RETURNING *)
      """
          + claimed("made");

  private static final String SETTLE =
      """
      UPDATE webhook_delivery SET claim = NULL, last_at = clock_timestamp(), last_status = $3, last_millis = $4,
          last_error = $5, next_at = clock_timestamp() + make_interval(secs => $6::float8),
          ended_at = CASE WHEN $7 THEN clock_timestamp() END, delivered = $8
       WHERE number = $1 AND claim = $2 AND ended_at IS NULL
      """;

  /** What was begun before others failed ends no rest. */
  private static final String WELL_AGAIN =
      "UPDATE webhook SET failures = 0, rests_until = NULL WHERE number = $1 AND failures = $2";

  private static final String REST =
      """
      UPDATE webhook SET failures = greatest(failures, $2 + 1),
          rests_until = greatest(CASE WHEN failures <> $2 THEN rests_until END,
              clock_timestamp() + make_interval(secs => $3::float8))
       WHERE number = $1
      """;

  private static final String END_REST =
      "UPDATE webhook SET rests_until = NULL WHERE failures > 0 AND number = " + NAMED;

  /** One that is being sent at the moment is left alone. */
  private static final String RETRY =
      "UPDATE webhook_delivery SET tries = 0, first_at = NULL, claim = NULL, next_at = clock_timestamp(), ended_at = NULL,"
          + " delivered = false WHERE number = $3 AND webhook = "
          + NAMED
          + " AND NOT (ended_at IS NULL AND claim IS NOT NULL AND next_at > clock_timestamp())";

  private static final String DELETE_ENDED =
      """
      DELETE FROM webhook_delivery WHERE number = ANY (ARRAY(
        SELECT number FROM webhook_delivery WHERE ended_at < now() - make_interval(secs => $1::float8)
         ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED))
      """;

  private static final String GIVE_UP =
      """
      UPDATE webhook_delivery SET ended_at = clock_timestamp(), claim = NULL,
          last_error = coalesce(last_error, 'it waited too long')
       WHERE number = ANY (ARRAY(
        SELECT number FROM webhook_delivery
         WHERE ended_at IS NULL AND recorded_at < now() - make_interval(secs => $1::float8) AND next_at <= now()
         ORDER BY recorded_at LIMIT $2 FOR UPDATE SKIP LOCKED))
      """;

  private static final String DELETE_REMOVED =
      """
      DELETE FROM webhook_delivery WHERE number = ANY (ARRAY(
        SELECT d.number FROM webhook w JOIN LATERAL (
          SELECT x.number FROM webhook_delivery x WHERE x.webhook = w.number LIMIT $1) d ON true
         WHERE w.removed_at IS NOT NULL LIMIT $1))
      """;

  /** Whatever was noted while it was being removed is committed by then. */
  private static final String FORGET_REMOVED =
      """
      DELETE FROM webhook w WHERE w.removed_at < now() - interval '1 hour'
         AND NOT EXISTS (SELECT FROM webhook_delivery d WHERE d.webhook = w.number)
      """;

  private static final String ENROL_MISSED =
      """
      INSERT INTO flag_watch (namespace, batch, look_at)
      SELECT s.namespace, s.batch, clock_timestamp()
        FROM (SELECT DISTINCT namespace FROM webhook WHERE removed_at IS NULL AND is_enabled
                 AND events && ARRAY['silent', 'stalled', 'over_limit']) w
        JOIN batch_state s ON s.namespace = w.namespace AND s.status IN ('PENDING', 'RUNNING')
       WHERE NOT EXISTS (SELECT FROM flag_watch f WHERE f.namespace = s.namespace AND f.batch = s.batch)
       LIMIT $1
      ON CONFLICT DO NOTHING
      """;

  private static final String BACKLOG =
      """
      SELECT least(coalesce(sum(d.waiting), 0), $1)::int AS waiting,
             extract(epoch FROM clock_timestamp() - min(o.recorded_at))::float8 AS seconds
        FROM webhook w
        CROSS JOIN LATERAL (SELECT count(*) AS waiting FROM (SELECT FROM webhook_delivery
            WHERE webhook = w.number AND ended_at IS NULL LIMIT $1) rows_of) d
        CROSS JOIN LATERAL (SELECT recorded_at FROM webhook_delivery
            WHERE webhook = w.number AND ended_at IS NULL ORDER BY recorded_at LIMIT 1) o
       WHERE w.is_enabled AND w.removed_at IS NULL
      """;

  private final Database database;

  PostgresWebhooks(Database database) {
    this.database = database;
  }

  /**
   * What is due of webhooks that are switched on, the oldest of each batch. A row that another node
   * holds is passed over, and one that it has claimed is due no more.
   */
  private static String due(String hooks, String which, String each) {
    return """
        SELECT d.number, d.webhook FROM %s w CROSS JOIN LATERAL (
          SELECT d.number, d.webhook FROM webhook_delivery d
           WHERE d.webhook = w.number AND d.ended_at IS NULL AND d.next_at <= now()
             AND NOT EXISTS (SELECT FROM webhook_delivery e WHERE e.webhook = d.webhook AND e.batch = d.batch
                   AND e.ended_at IS NULL AND e.number < d.number)
           ORDER BY d.next_at LIMIT %s FOR UPDATE SKIP LOCKED) d
         WHERE w.removed_at IS NULL AND w.is_enabled AND w.number <> ALL ($1) AND %s LIMIT $3"""
        .formatted(hooks, each, which);
  }

  private static String claimed(String rows) {
    return "SELECT d.*, extract(epoch FROM clock_timestamp() - d.first_at)::float8 AS age, "
        + WebhookRows.HOOK_COLUMNS
        + ", b.spec, b.labels::text AS labels FROM "
        + rows
        + " d JOIN webhook w ON w.number = d.webhook LEFT JOIN LATERAL"
        + " (SELECT * FROM batch WHERE namespace = d.namespace AND id = d.batch LIMIT 1) b ON true";
  }

  @Override
  public Mono<Put> put(String namespace, String name, Wanted wanted, String by) {
    return database.transaction(
        connection ->
            room(connection, namespace, name)
                .then(Mono.defer(() -> write(connection, namespace, name, wanted, by)))
                .flatMap(
                    created ->
                        BatchRows.update(connection.createStatement(ENROL).bind("$1", namespace))
                            .thenReturn(created))
                .flatMap(
                    created ->
                        one(connection, namespace, name).map(shown -> new Put(shown, created))));
  }

  private static Mono<Void> room(PostgresqlConnection connection, String namespace, String name) {
    return BatchRows.query(
            connection
                .createStatement(
                    "SELECT count(*)::int AS others FROM webhook WHERE removed_at IS NULL AND namespace = $1 AND name <> $2")
                .bind("$1", namespace)
                .bind("$2", name),
            row -> BatchRows.value(row, "others", Integer.class))
        .single()
        .filter(others -> others >= MOST_WEBHOOKS)
        .flatMap(
            others ->
                Mono.error(
                    new AuditException(
                        ProblemType.INVALID_REQUEST,
                        "the namespace has " + others + " webhooks, which is as many as it may")));
  }

  private static Mono<Boolean> write(
      PostgresqlConnection connection, String namespace, String name, Wanted wanted, String by) {
    PostgresqlStatement statement =
        named(connection, PUT, namespace, name)
            .bind("$3", wanted.url())
            .bind("$5", wanted.secret() == null ? wanted.otherwise() : wanted.secret())
            .bind(
                "$7", wanted.events().stream().sorted().map(HookEvent::word).toArray(String[]::new))
            .bind("$8", wanted.enabled())
            .bind("$9", by);
    BatchRows.bind(statement, "$4", wanted.secret(), String.class);
    String[] tables = wanted.tables() == null ? null : wanted.tables().toArray(String[]::new);
    BatchRows.bind(statement, "$6", tables, String[].class);
    return BatchRows.query(statement, row -> BatchRows.value(row, "created", Boolean.class))
        .single();
  }

  private static Mono<Webhook> one(PostgresqlConnection connection, String namespace, String name) {
    return BatchRows.query(
            named(connection, HOOKS + " AND w.name = $2", namespace, name), WebhookRows::webhook)
        .singleOrEmpty();
  }

  private static PostgresqlStatement named(
      PostgresqlConnection connection, String sql, String namespace, String name) {
    return connection.createStatement(sql).bind("$1", namespace).bind("$2", name);
  }

  @Override
  public Flux<Webhook> list(String namespace) {
    return database.read(
        connection ->
            BatchRows.query(
                connection
                    .createStatement(HOOKS + " ORDER BY w.name COLLATE \"C\"")
                    .bind("$1", namespace),
                WebhookRows::webhook));
  }

  @Override
  public Mono<Webhook> find(String namespace, String name) {
    return database.read(connection -> one(connection, namespace, name).flux()).singleOrEmpty();
  }

  @Override
  public Mono<Boolean> remove(String namespace, String name) {
    return database.transaction(
        connection ->
            BatchRows.update(
                    named(
                        connection,
                        "UPDATE webhook SET removed_at = clock_timestamp() WHERE removed_at IS NULL AND namespace = $1 AND name = $2",
                        namespace,
                        name))
                .map(rows -> rows > 0));
  }

  @Override
  public Flux<WebhookDelivery> deliveries(
      String namespace, String name, @Nullable DeliveryState state, long before, int limit) {
    String wanted =
        state == null
            ? ""
            : switch (state) {
              case WAITING -> " AND d.ended_at IS NULL";
              case DELIVERED -> " AND d.ended_at IS NOT NULL AND d.delivered";
              case GIVEN_UP -> " AND d.ended_at IS NOT NULL AND NOT d.delivered";
            };
    return database.read(
        connection ->
            BatchRows.query(
                named(
                        connection,
                        "SELECT d.* FROM webhook_delivery d WHERE d.webhook = "
                            + NAMED
                            + " AND d.number < $3"
                            + wanted
                            + " ORDER BY d.number DESC LIMIT $4",
                        namespace,
                        name)
                    .bind("$3", before)
                    .bind("$4", limit),
                WebhookRows::delivery));
  }

  @Override
  public Mono<WebhookDelivery> retry(String namespace, String name, long number) {
    return database.transaction(
        connection ->
            BatchRows.update(named(connection, RETRY, namespace, name).bind("$3", number))
                .filter(rows -> rows > 0)
                .flatMap(rows -> BatchRows.update(named(connection, END_REST, namespace, name)))
                .thenMany(
                    Flux.defer(
                        () ->
                            BatchRows.query(
                                named(
                                        connection,
                                        "SELECT d.* FROM webhook_delivery d WHERE d.number = $3 AND d.webhook = "
                                            + NAMED,
                                        namespace,
                                        name)
                                    .bind("$3", number),
                                WebhookRows::delivery)))
                .singleOrEmpty());
  }

  @Override
  public Mono<Claimed> test(String namespace, String name, Duration lease) {
    return database.transaction(
        connection ->
            BatchRows.query(
                    named(connection, TEST, namespace, name).bind("$3", seconds(lease)),
                    WebhookRows::claimed)
                .singleOrEmpty());
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  @Override
  public Flux<Claimed> claim(Share share, Duration lease) {
    return database
        .transaction(
            connection ->
                BatchRows.query(
                        connection
                            .createStatement(CLAIM)
                            .bind("$1", share.full().toArray(Long[]::new))
                            .bind("$2", share.each())
                            .bind("$3", share.limit())
                            .bind("$4", seconds(lease)),
                        WebhookRows::claimed)
                    .collectList())
        .flatMapIterable(claimed -> claimed);
  }

  @Override
  public Mono<Boolean> settle(Claimed claimed, Tried tried) {
    return database.transaction(
        connection -> {
          PostgresqlStatement statement =
              connection
                  .createStatement(SETTLE)
                  .bind("$1", claimed.number())
                  .bind("$2", claimed.claim())
                  .bind("$4", tried.millis())
                  .bind("$6", seconds(tried.pause()))
                  .bind("$7", tried.state() != DeliveryState.WAITING)
                  .bind("$8", tried.state() == DeliveryState.DELIVERED);
          BatchRows.bind(statement, "$3", tried.status(), Integer.class);
          BatchRows.bind(statement, "$5", tried.error(), String.class);
          return BatchRows.update(statement)
              .filter(rows -> rows > 0)
              .flatMap(rows -> rest(connection, claimed, tried))
              .flatMap(rows -> disable(connection, claimed, tried.disabling()).thenReturn(true))
              .defaultIfEmpty(false);
        });
  }

  private static Mono<Long> rest(PostgresqlConnection connection, Claimed claimed, Tried tried) {
    boolean delivered = tried.state() == DeliveryState.DELIVERED;
    if (delivered ? claimed.failures() == 0 : claimed.event() == HookEvent.TEST) {
      return Mono.just(0L);
    }
    PostgresqlStatement statement =
        connection
            .createStatement(delivered ? WELL_AGAIN : REST)
            .bind("$1", claimed.target().number())
            .bind("$2", claimed.failures());
    return BatchRows.update(delivered ? statement : statement.bind("$3", seconds(tried.rest())));
  }

  private static Mono<Long> disable(
      PostgresqlConnection connection, Claimed claimed, @Nullable String why) {
    return why == null
        ? Mono.just(0L)
        : BatchRows.update(
            connection
                .createStatement(
                    "UPDATE webhook SET is_enabled = false, disabled_reason = $2 WHERE number = $1 AND url = $3")
                .bind("$1", claimed.target().number())
                .bind("$2", why)
                .bind("$3", claimed.target().url()));
  }

  @Override
  public Mono<OutboxStore.Backlog> backlog() {
    return database
        .read(
            connection ->
                BatchRows.query(
                    connection.createStatement(BACKLOG).bind("$1", MOST_COUNTED),
                    PostgresOutbox::backlog))
        .single();
  }

  @Override
  public Mono<Boolean> flags(int limit) {
    return database.transaction(connection -> new FlagTransaction(connection).run(limit));
  }

  @Override
  public Mono<Boolean> tidy(Duration age, int limit) {
    return database.transaction(
        connection ->
            Flux.concat(
                    Flux.defer(() -> aged(connection, DELETE_ENDED, age, limit)),
                    Flux.defer(() -> aged(connection, GIVE_UP, age, limit)),
                    Flux.defer(() -> update(connection, DELETE_REMOVED, limit)),
                    Flux.defer(() -> update(connection, ENROL_MISSED, MOST_COUNTED)))
                .reduce(0L, Math::max)
                .flatMap(
                    most ->
                        BatchRows.update(connection.createStatement(FORGET_REMOVED))
                            .thenReturn(most >= limit)));
  }

  private static Mono<Long> update(PostgresqlConnection connection, String sql, int limit) {
    return BatchRows.update(connection.createStatement(sql).bind("$1", limit));
  }

  private static Mono<Long> aged(
      PostgresqlConnection connection, String sql, Duration age, int limit) {
    return BatchRows.update(
        connection.createStatement(sql).bind("$1", seconds(age)).bind("$2", limit));
  }
}
