package io.fileaudit.it.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.CommandRun;
import io.fileaudit.it.process.ServiceProcess;
import io.fileaudit.r2dbc.test.TestDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two services over one database, as people start them: a key is good on both and revoked on both,
 * and nothing that lets somebody in is found in the database's files or in what they log.
 */
@Timeout(180)
class AccessIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String NOT_ALLOWED = "42501";

  @TempDir static Path folder;
  private static final HttpClient http = HttpClient.newHttpClient();
  private static TestDatabase database;
  private static AuditHome home;
  private static AuditHome other;
  private static ServiceProcess first;
  private static ServiceProcess second;

  @BeforeAll
  static void serve() throws Exception {
    database = TestPostgres.external15().freshDatabase();
    String admin = "ak_" + "a".repeat(43);
    Path key = Files.writeString(folder.resolve("admin"), admin + "\n");
    Map<String, String> settings =
        Map.of(
            "AUDIT_DB_OWNER",
            url(database.ownerUser(), database.ownerPassword()),
            "AUDIT_DB",
            url(database.serviceUser(), database.servicePassword()),
            "AUDIT_ADMIN_KEY_FILE",
            key.toString());
    home = new AuditHome(Files.createDirectory(folder.resolve("one")));
    other = new AuditHome(Files.createDirectory(folder.resolve("two")));
    first = home.serve(settings);
    second = other.serve(settings);
  }

  @AfterAll
  static void end() {
    home.close();
    other.close();
    database.close();
  }

  private static String url(String user, String password) {
    String encoded = URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20");
    return "postgresql://%s:%s@%s:%d/%s"
        .formatted(user, encoded, database.host(), database.port(), database.name());
  }

  private static Map<String, String> admin() {
    return Map.of("AUDIT_KEY", "ak_" + "a".repeat(43));
  }

  private static AuditCalls client(ServiceProcess service, String key) {
    return AuditClient.builder().url(service.url()).key(key).calls();
  }

  private static HttpResponse<String> call(
      String method, String url, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(LIMIT)
            .method(method, BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static int lists(ServiceProcess service, String... headers) throws Exception {
    return call("GET", service.url() + "/api/v1/batches", "", headers).statusCode();
  }

  private static void awaitRefused(ServiceProcess service, String... headers) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    int status = lists(service, headers);
    while (status == 200 && System.nanoTime() < end) {
      status = lists(service, headers);
    }
    assertThat(status).isEqualTo(401);
  }

  @Test
  void keyIsGoodOnEveryNodeUntilItIsRevokedOnOne() throws Exception {
    CommandRun.Result made = home.run(admin(), "keys", "add", "roaming", "--scope", "read");
    assertThat(made.exitCode()).as(made.err()).isZero();
    String bearer = "Bearer " + made.out().strip();
    assertThat(lists(first, "Authorization", bearer)).isEqualTo(200);
    assertThat(lists(second, "Authorization", bearer)).isEqualTo(200);
    String cookie = session(second, made.out().strip());
    assertThat(lists(first, "Cookie", cookie)).isEqualTo(200);

    String id = made.err().strip().replaceFirst("(?s).* id ", "");
    assertThat(home.run(admin(), "keys", "revoke", id).exitCode()).isZero();

    assertThat(lists(first, "Authorization", bearer)).isEqualTo(401);
    awaitRefused(second, "Authorization", bearer);
    awaitRefused(second, "Cookie", cookie);
  }

  private static String session(ServiceProcess service, String key) throws Exception {
    HttpResponse<String> in =
        call(
            "POST",
            service.url() + "/ui/login",
            "key=" + key,
            "Content-Type",
            "application/x-www-form-urlencoded");
    assertThat(in.statusCode()).isEqualTo(303);
    return in.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
  }

  @Test
  void linkMadeOnOneNodeOpensThePageOnAnotherOnce() throws Exception {
    CommandRun.Result link = home.run(admin(), "key", "--link");
    assertThat(link.exitCode()).as(link.err()).isZero();
    assertThat(link.out()).startsWith(first.url() + "/ui/login?link=");
    String there = link.out().strip().replace(first.url(), second.url());

    assertThat(call("GET", there, "").statusCode()).isEqualTo(303);
    assertThat(call("GET", there, "").statusCode()).isEqualTo(401);
    assertThat(call("GET", link.out().strip(), "").statusCode()).isEqualTo(401);
  }

  @Test
  void nothingThatLetsSomebodyInIsStoredOrLogged() throws Exception {
    List<String> secrets = new ArrayList<>();
    secrets.add("ak_" + "a".repeat(43));
    CommandRun.Result made = home.run(admin(), "keys", "add", "hidden", "--scope", "ingest,read");
    String key = made.out().strip();
    secrets.add(key);
    String cookie = session(first, key);
    secrets.add(cookie.substring(cookie.indexOf('=') + 1));
    String link = home.run(admin(), "key", "--link").out().strip();
    secrets.add(link.substring(link.indexOf('=') + 1));
    call("GET", link, "");
    String jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
    secrets.add(jwt);
    lists(first, "Authorization", "Bearer " + jwt);
    try (AuditCalls client = client(first, key)) {
      UUID batch = UUID.randomUUID();
      assertThat(client.open(batch, BatchSpec.builder().name("n").build()).block(LIMIT))
          .isNotNull();
    }

    String dumped = dump();
    assertThat(dumped).contains("hidden").contains("admin");
    String logged = first.said() + second.said();
    assertThat(logged).contains("made the key hidden", "signed in");
    for (String secret : secrets) {
      String bare = secret.replaceFirst("^a[ksl]_", "");
      assertThat(dumped).doesNotContain(bare);
      assertThat(logged).doesNotContain(bare);
      assertThat(filesWith(bare)).isEmpty();
    }
  }

  /** Every row of every table, as text. */
  private static String dump() throws SQLException {
    StringBuilder all = new StringBuilder();
    try (Connection connection =
            DriverManager.getConnection(database.jdbcUrl(), database.adminUser(), "");
        Statement statement = connection.createStatement()) {
      List<String> tables = new ArrayList<>();
      try (var rows =
          statement.executeQuery("SELECT tablename FROM pg_tables WHERE schemaname = 'audit'")) {
        while (rows.next()) {
          tables.add(rows.getString(1));
        }
      }
      assertThat(tables).contains("credential", "ledger", "log");
      for (String table : tables) {
        try (var rows = statement.executeQuery("SELECT t::text FROM audit." + table + " t")) {
          while (rows.next()) {
            all.append(rows.getString(1)).append('\n');
          }
        }
      }
    }
    return all.toString();
  }

  /** Files of the data directories that hold that text, but for the admin key's own. */
  private static List<Path> filesWith(String text) throws IOException {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Stream.concat(Files.walk(home.data()), Files.walk(other.data()))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        if (content.contains(new String(wanted, StandardCharsets.ISO_8859_1))) {
          found.add(file);
        }
      }
    }
    return found;
  }

  @Test
  void roleOfTheServiceChangesNoCredentialButToRevokeIt() throws Exception {
    try (Connection connection =
            DriverManager.getConnection(
                database.jdbcUrl(), database.serviceUser(), database.servicePassword());
        Statement statement = connection.createStatement()) {
      for (String change :
          List.of(
              "UPDATE audit.credential SET scopes = '{ADMIN}'",
              "UPDATE audit.credential SET expires_at = NULL",
              "UPDATE audit.credential SET hash = 'x'",
              "TRUNCATE audit.credential",
              "ALTER TABLE audit.credential ADD COLUMN x text",
              "UPDATE audit.ledger SET body = ''",
              "DELETE FROM audit.log")) {
        assertThatThrownBy(() -> statement.execute(change))
            .isInstanceOfSatisfying(
                SQLException.class,
                error -> assertThat(error.getSQLState()).as(change).isEqualTo(NOT_ALLOWED));
      }
    }
  }

  @Test
  void loaderOfOneNamespaceLoadsAndSeesNothingElse() throws Exception {
    CommandRun.Result made =
        home.run(
            admin(), "keys", "add", "sales", "--scope", "ingest,read", "--namespaces", "sales");
    String bearer = "Bearer " + made.out().strip();
    UUID id = UUID.randomUUID();
    String batch = first.url() + "/api/v1/batches/" + id;
    assertThat(
            call("PUT", batch, "{}", "Authorization", "Bearer ak_" + "a".repeat(43)).statusCode())
        .isEqualTo(201);
    String absent = first.url() + "/api/v1/batches/" + UUID.randomUUID();

    HttpResponse<String> hidden = call("GET", batch, "", "Authorization", bearer);
    HttpResponse<String> nothing = call("GET", absent, "", "Authorization", bearer);
    HttpResponse<String> own = call("PUT", batch, "{}", "Authorization", bearer);

    assertThat(hidden.statusCode()).isEqualTo(404);
    assertThat(hidden.body().replace(id.toString(), absent.substring(absent.length() - 36)))
        .isEqualTo(nothing.body());
    assertThat(own.statusCode()).isEqualTo(201);
    assertThat(AuditJson.lenient().readTree(own.body()).path("namespace").asString())
        .isEqualTo("sales");
  }
}
