package io.fileaudit.r2dbc;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.api.Notification;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ValidationDepth;
import io.r2dbc.spi.Wrapped;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The connections of a node, every bound of them set, and how they are used: a write is one
 * transaction that, once begun, is finished whether or not its caller still waits; a read holds a
 * connection only for one statement.
 */
final class Database {
  private static final Duration ACQUIRE = Duration.ofSeconds(5);
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration VALIDATE = Duration.ofSeconds(1);
  private static final Duration LIFE = Duration.ofMinutes(30);
  private static final Duration EVICTION = Duration.ofSeconds(30);
  private static final int CACHED_STATEMENTS = 128;
  private static final int PENDING_PER_CONNECTION = 200;

  private final PostgresqlConnectionFactory connections;
  private final ConnectionPool pool;

  Database(PostgresSettings settings) {
    this.connections = new PostgresqlConnectionFactory(connecting(settings));
    this.pool = new ConnectionPool(pooling(settings, connections));
  }

  private static PostgresqlConnectionConfiguration connecting(PostgresSettings settings) {
    return settings
        .toR2dbc()
        .schema("audit")
        .applicationName("file-audit")
        .connectTimeout(CONNECT)
        .statementTimeout(settings.statementTimeout())
        .preparedStatementCacheQueries(CACHED_STATEMENTS)
        .tcpKeepAlive(true)
        .tcpNoDelay(true)
        .codecRegistrar(
            (opened, allocator, codecs) ->
                Mono.fromRunnable(() -> codecs.addLast(new ColumnCodec(allocator))))
        // A transaction whose node went silent gives its locks back by itself; keys are looked
        // up by index whatever the statistics of a new batch, or of one that is nearly all
        // there is, say. The last one is what the trigger of the outbox looks at.
        .options(
            Map.of(
                "idle_in_transaction_session_timeout", "60s",
                "synchronous_commit", "on",
                "plan_cache_mode", "force_generic_plan",
                "enable_seqscan", "off",
                "jit", "off",
                "audit.outbox", settings.outbox() ? "on" : "off"))
        .build();
  }

  private static ConnectionPoolConfiguration pooling(
      PostgresSettings settings, PostgresqlConnectionFactory connections) {
    return ConnectionPoolConfiguration.builder(connections)
        .name("audit")
        .initialSize(1)
        .minIdle(1)
        .maxSize(settings.poolSize())
        .maxAcquireTime(ACQUIRE)
        .maxCreateConnectionTime(CONNECT)
        .maxValidationTime(VALIDATE)
        .validationDepth(ValidationDepth.REMOTE)
        .validationQuery("SELECT 1")
        .maxLifeTime(LIFE)
        .maxIdleTime(LIFE)
        .backgroundEvictionInterval(EVICTION)
        .acquireRetry(settings.poolSize())
        .customizer(pool -> pool.maxPendingAcquire(settings.poolSize() * PENDING_PER_CONNECTION))
        .build();
  }

  /**
   * Carries out work in one transaction. Once subscribed it is finished or rolled back whatever
   * becomes of the subscriber; cancelling gives up the answer alone.
   */
  <T> Mono<T> transaction(Function<PostgresqlConnection, Mono<T>> work) {
    Mono<T> whole =
        Mono.usingWhen(
            pool.create(),
            pooled -> {
              PostgresqlConnection connection = unwrap(pooled);
              return connection
                  .beginTransaction()
                  .then(Mono.defer(() -> work.apply(connection)))
                  // Work that comes to nothing is committed as well, or its locks would go on.
                  .singleOptional()
                  .flatMap(result -> connection.commitTransaction().thenReturn(result))
                  .flatMap(Mono::justOrEmpty);
            },
            Connection::close,
            (pooled, error) -> rollback(pooled),
            Database::rollback);
    return detached(whole).onErrorMap(PostgresErrors::map);
  }

  private static Publisher<Void> rollback(Connection pooled) {
    return Mono.from(pooled.rollbackTransaction())
        .onErrorComplete()
        .then(Mono.from(pooled.close()))
        .onErrorComplete();
  }

  /** Runs the work to its end in a subscription of its own and hands its result on. */
  private static <T> Mono<T> detached(Mono<T> work) {
    return Mono.deferContextual(
        context -> {
          Sinks.One<T> answer = Sinks.one();
          work.contextWrite(context)
              .subscribe(answer::tryEmitValue, answer::tryEmitError, answer::tryEmitEmpty);
          return answer.asMono();
        });
  }

  /** Carries out one reading statement and reads it to its end before anything is handed on. */
  <T> Flux<T> read(Function<PostgresqlConnection, Flux<T>> statement) {
    return Mono.usingWhen(
            pool.create(),
            pooled -> statement.apply(unwrap(pooled)).collectList(),
            Connection::close)
        .flatMapIterable(rows -> rows)
        .onErrorMap(PostgresErrors::map);
  }

  /**
   * What is notified on a channel, over a connection of its own beside the pool. Completes or fails
   * where that is lost; cancelling gives it back.
   */
  Flux<Notification> listen(String channel) {
    return Flux.usingWhen(
            connections.create(),
            connection ->
                connection
                    .createStatement("LISTEN " + channel)
                    .execute()
                    .concatMap(result -> result.getRowsUpdated(), 1)
                    .thenMany(connection.getNotifications()),
            PostgresqlConnection::close)
        .onErrorMap(PostgresErrors::map);
  }

  /** How the connections are used; nothing of it where the pool tells nothing. */
  PoolUse use() {
    return pool.getMetrics()
        .map(
            now ->
                new PoolUse(
                    now.acquiredSize(),
                    now.idleSize(),
                    now.pendingAcquireSize(),
                    now.getMaxAllocatedSize()))
        .orElseGet(() -> new PoolUse(0, 0, 0, 0));
  }

  /** Gives the connections back; later calls fail. */
  Mono<Void> close() {
    return pool.disposeLater();
  }

  @SuppressWarnings("unchecked") // the pool wraps what its factory made
  private static PostgresqlConnection unwrap(Connection pooled) {
    return Objects.requireNonNull(
        ((Wrapped<PostgresqlConnection>) pooled).unwrap(PostgresqlConnection.class));
  }
}
