package io.fileaudit.r2dbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.r2dbc.migration.Doubts;
import io.fileaudit.r2dbc.migration.Migrations;
import io.fileaudit.r2dbc.test.TestDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A database that is reached by TLS, and whose authority is asked for, by both drivers. */
class DatabaseTlsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private static Path folder;
  private static TestDatabase database;

  @BeforeAll
  static void beginTls() throws Exception {
    X509Bundle authority = authority();
    Files.writeString(folder.resolve("ca.pem"), authority.getCertificatePEM());
    Files.writeString(folder.resolve("other.pem"), authority().getCertificatePEM());
    X509Bundle server =
        new CertificateBuilder()
            .subject("CN=database")
            .addSanIpAddress("127.0.0.1")
            .buildIssuedBy(authority);
    database = TestPostgres.embedded18().freshDatabase();
    try (Connection admin = admin();
        Statement statement = admin.createStatement()) {
      write(statement, "tls.crt", server.getCertificatePathPEM());
      write(statement, "tls.key", server.getPrivateKeyPEM());
      statement.execute("ALTER SYSTEM SET ssl_cert_file = 'tls.crt'");
      statement.execute("ALTER SYSTEM SET ssl_key_file = 'tls.key'");
      setTls(statement, "on");
    }
  }

  @AfterAll
  static void endTls() throws SQLException {
    try (Connection admin = admin();
        Statement statement = admin.createStatement()) {
      setTls(statement, "off");
    }
    database.close();
  }

  private static X509Bundle authority() throws Exception {
    return new CertificateBuilder()
        .subject("CN=authority")
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  private static Connection admin() throws SQLException {
    return DriverManager.getConnection(database.jdbcUrl(), database.adminUser(), "");
  }

  /** As the server's own user, in its directory, for nobody else to read. */
  private static void write(Statement statement, String file, String text) throws SQLException {
    try (ResultSet place = statement.executeQuery("SHOW data_directory")) {
      place.next();
      String path = place.getString(1) + "/" + file;
      statement.execute(
          "COPY (SELECT unnest(string_to_array('%s', E'\\n'))) TO '%s'"
              .formatted(text.strip().replace("\r", ""), path));
      statement.execute(
          "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; chmod 600 \"%s\"'".formatted(path));
    }
  }

  private static void setTls(Statement statement, String value) throws SQLException {
    statement.execute("ALTER SYSTEM SET ssl = " + value);
    statement.execute("SELECT pg_reload_conf()");
    Mono.fromCallable(() -> isTls(value))
        .subscribeOn(Schedulers.boundedElastic())
        .filter(Boolean::booleanValue)
        .repeatWhenEmpty(looks -> looks.delayElements(Duration.ofMillis(10)))
        .block(PATIENCE);
  }

  /** Of a connection that is new: an old one learns of the change when it likes. */
  private static boolean isTls(String value) throws SQLException {
    try (Connection fresh = admin();
        Statement statement = fresh.createStatement();
        ResultSet row = statement.executeQuery("SHOW ssl")) {
      row.next();
      return row.getString(1).equals(value);
    }
  }

  private static PostgresSettings settings(String user, String password, String parameters) {
    return PostgresSettings.parse(
        "postgresql://%s:%s@%s:%d/%s?%s"
            .formatted(
                user,
                URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20"),
                database.host(),
                database.port(),
                database.name(),
                parameters));
  }

  private static PostgresSettings owner(String parameters) {
    return settings(database.ownerUser(), database.ownerPassword(), parameters);
  }

  private static PostgresSettings service(String parameters) {
    return settings(database.serviceUser(), database.servicePassword(), parameters);
  }

  private static String authority(String file) {
    return "sslmode=verify-full&sslrootcert=" + folder.resolve(file);
  }

  @Test
  void migrationsAndTheServiceReachItWhereItsAuthorityIsNamed() {
    Migrations.migrate(owner(authority("ca.pem")), database.serviceUser());
    assertThat(Doubts.about(service(authority("ca.pem")))).isNotEmpty();

    PostgresAuditStore store =
        PostgresAuditStore.open(service(authority("ca.pem")), "node", Duration.ofSeconds(5));
    try {
      assertThat(store.ping().then(Mono.just(true)).block(PATIENCE)).isTrue();
    } finally {
      store.close().block(PATIENCE);
    }
  }

  @Test
  void neitherDriverTakesAnotherAuthoritysWord() {
    for (String parameters : new String[] {authority("other.pem"), "sslmode=verify-full"}) {
      assertThatThrownBy(() -> Doubts.about(service(parameters))).hasStackTraceContaining("PKIX");
      Database direct = new Database(service(parameters));
      assertThatThrownBy(() -> direct.read(connection -> Mono.just(1).flux()).blockLast(PATIENCE))
          .hasStackTraceContaining("PKIX");
      direct.close().block(PATIENCE);
    }
  }
}
