package io.fileaudit.r2dbc.load;

import io.fileaudit.r2dbc.PostgresSettings;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** PostgreSQL as a target; the role's own search path holds. */
public final class PostgresLoadTarget implements LoadTarget {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private final PostgresqlConnectionFactory connections;

  /** A target there; of the settings, size of the pool and statement timeout do not matter. */
  public static LoadTarget to(PostgresSettings settings) {
    return new PostgresLoadTarget(settings);
  }

  PostgresLoadTarget(PostgresSettings settings) {
    connections = connections(settings, "audit load");
  }

  /** Connections there, which the database's list of sessions shows under that name. */
  static PostgresqlConnectionFactory connections(PostgresSettings settings, String name) {
    return new PostgresqlConnectionFactory(
        settings
            .toR2dbc()
            .applicationName(name)
            .connectTimeout(CONNECT)
            .tcpKeepAlive(true)
            .tcpNoDelay(true)
            .build());
  }

  @Override
  public Mono<LoadSession> connect() {
    return connections
        .create()
        .<LoadSession>map(PostgresLoadSession::new)
        .onErrorMap(LoadErrors::map);
  }
}
