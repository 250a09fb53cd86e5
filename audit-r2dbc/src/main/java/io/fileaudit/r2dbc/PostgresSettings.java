package io.fileaudit.r2dbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.client.SSLMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a PostgreSQL database and how many connections to hold.
 *
 * @param host its host
 * @param port its port
 * @param database its name
 * @param user the role to be
 * @param password that role's password; may be empty
 * @param sslMode {@code disable}, {@code allow}, {@code prefer}, {@code require}, {@code verify-ca}
 *     or {@code verify-full}, as libpq has them
 * @param sslRootCert the PEM file of the authorities that the two that verify go by; null for those
 *     that Java trusts
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
    @Nullable Path sslRootCert,
    int poolSize,
    Duration statementTimeout,
    boolean outbox) {

  private static final List<String> VERIFYING = List.of("verify-ca", "verify-full");
  private static final List<String> SSL_MODES =
      Stream.concat(Stream.of("disable", "allow", "prefer", "require"), VERIFYING.stream())
          .toList();

  private static final String SSL_MODE = "sslmode";
  private static final String SSL_ROOT_CERT = "sslrootcert";
  private static final String USER = "user";
  private static final String PASSWORD = "password";
  private static final List<String> PARAMETERS = List.of(SSL_MODE, SSL_ROOT_CERT, USER, PASSWORD);

  /** Has the JDBC driver ask the trust store of Java. */
  private static final String JAVAS_TRUST = "org.postgresql.ssl.DefaultJavaSSLFactory";

  private static final int PORT = 5432;
  private static final int POOL_SIZE = 10;
  private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(60);

  /** A database on this machine, reached without TLS, with defaults for the rest. */
  public static PostgresSettings of(
      String host, int port, String database, String user, String password) {
    return new PostgresSettings(
        host, port, database, user, password, "disable", null, POOL_SIZE, STATEMENT_TIMEOUT, false);
  }

  /**
   * Reads {@code postgresql://user:password@host:port/database?sslmode=require}; {@code postgres},
   * {@code jdbc:postgresql} and {@code r2dbc:postgresql} are understood as well. The parameters
   * {@code sslmode}, {@code sslrootcert}, {@code user} and {@code password} mean what they mean to
   * libpq; no others are taken, for one that was passed over might have been meant to protect.
   *
   * @throws IllegalArgumentException naming what is missing or wrong, never the password
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
          "the database URL needs a host and a database: postgresql://host:port/database; special"
              + " characters of a password are written %40 and so on");
    }
    Map<String, String> parameters = parameters(uri);
    String[] login =
        uri.getRawUserInfo() == null ? new String[0] : uri.getRawUserInfo().split(":", 2);
    String user = login.length > 0 ? decode(login[0]) : parameters.get(USER);
    String password = login.length > 1 ? decode(login[1]) : parameters.get(PASSWORD);
    if (user == null) {
      user = otherwise;
    }
    if (user == null) {
      throw new IllegalArgumentException(
          "the database URL needs a user: postgresql://user:password@host:port/database");
    }
    String sslMode = sslMode(parameters);
    return new PostgresSettings(
        uri.getHost(),
        uri.getPort() < 0 ? PORT : uri.getPort(),
        path.substring(1),
        user,
        password == null ? "" : password,
        sslMode,
        sslRootCert(parameters, sslMode),
        POOL_SIZE,
        STATEMENT_TIMEOUT,
        false);
  }

  private static Map<String, String> parameters(URI uri) {
    Map<String, String> found = new HashMap<>();
    String query = uri.getRawQuery();
    for (String pair : query == null || query.isEmpty() ? new String[0] : query.split("&")) {
      String[] parts = pair.split("=", 2);
      String name = decode(parts[0]);
      if (!PARAMETERS.contains(name)) {
        throw new IllegalArgumentException(
            "the database URL has the parameter "
                + name
                + "; known are "
                + String.join(", ", PARAMETERS));
      }
      if (parts.length < 2 || found.put(name, decode(parts[1])) != null) {
        throw new IllegalArgumentException(
            "the database URL has the parameter " + name + " without a value, or twice");
      }
    }
    return found;
  }

  private static String sslMode(Map<String, String> parameters) {
    String mode = parameters.getOrDefault(SSL_MODE, "prefer");
    if (!SSL_MODES.contains(mode)) {
      throw new IllegalArgumentException(
          SSL_MODE + " is " + mode + ", expected one of " + String.join(", ", SSL_MODES));
    }
    return mode;
  }

  private static @Nullable Path sslRootCert(Map<String, String> parameters, String sslMode) {
    String named = parameters.get(SSL_ROOT_CERT);
    if (named == null) {
      return null;
    }
    if (!VERIFYING.contains(sslMode)) {
      throw new IllegalArgumentException(
          SSL_ROOT_CERT + " goes with " + SSL_MODE + "=" + String.join(" or ", VERIFYING));
    }
    Path file;
    try {
      file = Path.of(named);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(SSL_ROOT_CERT + " is no path", e);
    }
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException(
          SSL_ROOT_CERT + " names " + file + ", which cannot be read");
    }
    return file;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
  }

  /** These settings with so many connections at the most. */
  public PostgresSettings withPoolSize(int connections) {
    return new PostgresSettings(
        host,
        port,
        database,
        user,
        password,
        sslMode,
        sslRootCert,
        connections,
        statementTimeout,
        outbox);
  }

  /**
   * These settings for a node that keeps changes of status until they are sent, or does not. All
   * nodes of a database have to be of one kind: what the others change is not sent.
   */
  public PostgresSettings withOutbox(boolean wanted) {
    return new PostgresSettings(
        host,
        port,
        database,
        user,
        password,
        sslMode,
        sslRootCert,
        poolSize,
        statementTimeout,
        wanted);
  }

  /** These settings with that password. */
  public PostgresSettings withPassword(String secret) {
    return new PostgresSettings(
        host,
        port,
        database,
        user,
        secret,
        sslMode,
        sslRootCert,
        poolSize,
        statementTimeout,
        outbox);
  }

  /**
   * The URL that the migrations use; without user and password. It trusts whom {@link #toR2dbc}
   * trusts: left to itself the driver would look for authorities in a file of the user's home.
   */
  public String jdbcUrl() {
    String authorities = "";
    if (sslRootCert != null) {
      authorities = "&sslrootcert=" + URLEncoder.encode(sslRootCert.toString(), UTF_8);
    } else if (VERIFYING.contains(sslMode)) {
      authorities = "&sslfactory=" + JAVAS_TRUST;
    }
    return "jdbc:postgresql://%s:%d/%s?sslmode=%s%s"
        .formatted(host, port, URLEncoder.encode(database, UTF_8), sslMode, authorities);
  }

  /** What a connection by R2DBC is told of these settings: where to, as whom, and whom to trust. */
  public PostgresqlConnectionConfiguration.Builder toR2dbc() {
    PostgresqlConnectionConfiguration.Builder told =
        PostgresqlConnectionConfiguration.builder()
            .host(host)
            .port(port)
            .database(database)
            .username(user)
            .password(password)
            .sslMode(SSLMode.fromValue(sslMode));
    return sslRootCert == null ? told : told.sslRootCert(sslRootCert.toString());
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
