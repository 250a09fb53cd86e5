package io.fileaudit.r2dbc;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a PostgreSQL database and how many connections to hold.
 *
 * @param host its host
 * @param port its port
 * @param database its name
 * @param user the role to be
 * @param password that role's password; may be empty
 * @param sslMode {@code disable}, {@code prefer}, {@code require}, {@code verify-ca} or {@code
 *     verify-full}
 * @param poolSize the most connections
 * @param statementTimeout how long the server lets a statement run
 * @param outbox whether changes of status are kept until they are sent
 */
public record PostgresSettings(
    String host,
    int port,
    String database,
    String user,
    String password,
    String sslMode,
    int poolSize,
    Duration statementTimeout,
    boolean outbox) {

  private static final int PORT = 5432;
  private static final int POOL_SIZE = 10;
  private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(60);

  /** A database on this machine, reached without TLS, with defaults for the rest. */
  public static PostgresSettings of(
      String host, int port, String database, String user, String password) {
    return new PostgresSettings(
        host, port, database, user, password, "disable", POOL_SIZE, STATEMENT_TIMEOUT, false);
  }

  /**
   * Reads {@code postgresql://user:password@host:port/database?sslmode=require}; {@code postgres},
   * {@code jdbc:postgresql} and {@code r2dbc:postgresql} are understood as well.
   *
   * @throws IllegalArgumentException naming what is missing, never the password
   */
  public static PostgresSettings parse(String url) {
    return parse(url, null);
  }

  /**
   * The same for a URL that may leave out the user.
   *
   * @param otherwise who then is meant
   */
  public static PostgresSettings parse(String url, @Nullable String otherwise) {
    String plain = url.strip().replaceFirst("^(jdbc|r2dbc):", "");
    URI uri;
    try {
      uri = new URI(plain);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "not a database URL; expected postgresql://user:password@host:port/database", e);
    }
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("postgresql") && !scheme.equals("postgres")) {
      throw new IllegalArgumentException(
          "a database URL begins with postgresql://"
              + (uri.getScheme() == null ? "" : ", not " + uri.getScheme() + ":"));
    }
    String path = uri.getPath() == null ? "" : uri.getPath();
    if (uri.getHost() == null || path.length() < 2) {
      throw new IllegalArgumentException(
          "the database URL needs a host and a database: postgresql://host:port/database");
    }
    String[] login =
        uri.getRawUserInfo() == null ? new String[0] : uri.getRawUserInfo().split(":", 2);
    String user = login.length > 0 ? decode(login[0]) : parameter(uri, "user");
    String password = login.length > 1 ? decode(login[1]) : parameter(uri, "password");
    if (user == null) {
      user = otherwise;
    }
    if (user == null) {
      throw new IllegalArgumentException(
          "the database URL needs a user: postgresql://user:password@host:port/database");
    }
    String sslMode = parameter(uri, "sslmode");
    return new PostgresSettings(
        uri.getHost(),
        uri.getPort() < 0 ? PORT : uri.getPort(),
        path.substring(1),
        user,
        password == null ? "" : password,
        sslMode == null ? "prefer" : sslMode,
        POOL_SIZE,
        STATEMENT_TIMEOUT,
        false);
  }

  private static @Nullable String parameter(URI uri, String name) {
    if (uri.getRawQuery() != null) {
      for (String pair : uri.getRawQuery().split("&")) {
        if (pair.startsWith(name + "=")) {
          return decode(pair.substring(name.length() + 1));
        }
      }
    }
    return null;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** These settings with so many connections at the most. */
  public PostgresSettings withPoolSize(int connections) {
    return new PostgresSettings(
        host, port, database, user, password, sslMode, connections, statementTimeout, outbox);
  }

  /**
   * These settings for a node that keeps changes of status until they are sent, or does not. All
   * nodes of a database have to be of one kind: what the others change is not sent.
   */
  public PostgresSettings withOutbox(boolean wanted) {
    return new PostgresSettings(
        host, port, database, user, password, sslMode, poolSize, statementTimeout, wanted);
  }

  /** These settings with that password. */
  public PostgresSettings withPassword(String secret) {
    return new PostgresSettings(
        host, port, database, user, secret, sslMode, poolSize, statementTimeout, outbox);
  }

  /** The URL that the migrations use; without user and password. */
  public String jdbcUrl() {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database + "?sslmode=" + sslMode;
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "postgresql://"
        + user
        + "@"
        + host
        + ":"
        + port
        + "/"
        + database
        + "?sslmode="
        + sslMode;
  }
}
