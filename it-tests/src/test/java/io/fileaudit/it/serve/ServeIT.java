package io.fileaudit.it.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.CommandRun;
import io.fileaudit.it.process.ServiceProcess;
import io.fileaudit.r2dbc.test.TestDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** The packaged service, its commands and its database, as people start and use them. */
@Timeout(120)
class ServeIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String SERVICE = "audit_service";
  private static final String NOT_ALLOWED = "42501";

  @TempDir static Path folder;
  private static AuditHome home;
  private static ServiceProcess service;

  @BeforeAll
  static void serve() throws Exception {
    home = AuditHome.fromNothing(folder);
    service = home.serve();
  }

  @AfterAll
  static void end() {
    home.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"fsync", "synchronous_commit", "full_page_writes"})
  void servedDatabaseIsDurable(String setting) throws Exception {
    try (Connection connection = home.cluster().connect(SERVICE);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW " + setting)) {
      row.next();
      assertThat(row.getString(1)).isEqualTo("on");
    }
  }

  @Test
  void dataDirectoryIsForItsOwnerAlone() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.data())))
        .isEqualTo("rwx------");
  }

  @Test
  void secondServiceOnTheDataDirectoryIsRefused() throws Exception {
    CommandRun.Result second =
        home.run(Map.of("AUDIT_PORT", "0", "AUDIT_MANAGEMENT_PORT", "0"), "serve");

    assertThat(second.exitCode()).as(second.err()).isEqualTo(2);
    assertThat(second.err())
        .contains(home.data().toRealPath().toString(), "in use by process " + service.pid());
    assertThat(second.out()).isEmpty();
    assertThat(home.run("ls").exitCode()).as("the first one serves on").isZero();
  }

  @Test
  void keyIsPrintedAndOpensTheService() throws Exception {
    CommandRun.Result key = home.run("key");

    assertThat(key.exitCode()).as(key.err()).isZero();
    assertThat(key.out()).isEqualTo(home.key() + System.lineSeparator());
    Map<String, String> given =
        Map.of("AUDIT_KEY", key.out().strip(), "AUDIT_DATA", folder.resolve("none").toString());
    assertThat(home.run(given, "ls").exitCode()).isZero();
  }

  @Test
  void wrongKeyIsAnErrorOfAccess() throws Exception {
    CommandRun.Result ls = home.run(Map.of("AUDIT_KEY", "wrong"), "ls");

    assertThat(ls.exitCode()).as(ls.err()).isEqualTo(4);
    assertThat(ls.err()).startsWith("audit: ").doesNotContain("wrong", "\tat ");
    assertThat(ls.out()).isEmpty();
  }

  @Test
  void serviceThatIsNotThereIsUnreachable() throws Exception {
    String url = "http://127.0.0.1:" + freePort();

    CommandRun.Result ls = home.run(Map.of("AUDIT_URL", url), "ls");

    assertThat(ls.exitCode()).as(ls.err()).isEqualTo(5);
    assertThat(ls.err()).contains(url, "connection refused").doesNotContain("\tat ");
  }

  @Test
  void sameRequestThreeTimesMakesOneLedger() throws Exception {
    try (AuditCalls client = home.client()) {
      UUID batch = open(client);
      String lines = lines(100);

      Ack first = post(batch, lines);
      List<String> ledger = ledger(client, batch);
      assertThat(first)
          .extracting(Ack::accepted, Ack::duplicates, Ack::duplicate)
          .containsExactly(100L, 0L, false);
      assertThat(ledger).hasSize(100);
      for (int time = 2; time <= 3; time++) {
        assertThat(post(batch, lines))
            .extracting(Ack::accepted, Ack::duplicates, Ack::duplicate)
            .containsExactly(0L, 100L, true);
      }
      assertThat(ledger(client, batch)).isEqualTo(ledger);
      assertThat(client.snapshot(batch).block(LIMIT).totals().events()).isEqualTo(100);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"type\":\"COMPLETED\",\"file\":\"half', 400, malformed-json, JSON",
    "'{\"type\":\"COMPLETED\",\"file\":\"f\",\"rows\":-1,\"position\":500}', 422, invalid-event, rows is -1"
  })
  void badLineAmidAThousandIsNamedAndCostsItsNeighboursNothing(
      String bad, int status, String type, String reason) throws Exception {
    try (AuditCalls client = home.client()) {
      UUID batch = open(client);
      List<String> lines = lines(1_000).lines().collect(Collectors.toList());
      lines.set(499, bad);

      Ack ack = post(batch, String.join("\n", lines));

      assertThat(ack.accepted()).isEqualTo(999);
      assertThat(ack.refusals())
          .singleElement()
          .satisfies(refusal -> assertThat(refusal.detail()).contains(reason))
          .extracting(Refusal::line, Refusal::status, Refusal::type)
          .containsExactly(500L, status, type);
      assertThat(ledger(client, batch))
          .hasSize(999)
          .noneMatch(row -> row.contains("\"position\":500,"));
    }
  }

  @Test
  void resumedRunMakesAFailedFileAndItsBatchComplete() throws Exception {
    try (AuditCalls client = home.client()) {
      UUID batch = open(client);
      send(client, batch, 1, FileEvent.of(EventType.STARTED, "a.csv"));
      send(client, batch, 1, FileEvent.of(EventType.FAILED, "a.csv").error("bad-date", "line 12"));
      Snapshot failed = status(client, batch, 1, BatchStatus.COMPLETED);
      assertThat(failed.status()).isEqualTo(BatchStatus.INCOMPLETE);
      assertThat(failed.verdict().findings().failed()).isEqualTo(1);

      Snapshot resumed = status(client, batch, 1, BatchStatus.RUNNING);
      assertThat(resumed)
          .extracting(Snapshot::run, Snapshot::status)
          .containsExactly(2, BatchStatus.RUNNING);
      send(client, batch, 2, FileEvent.of(EventType.STARTED, "a.csv"));
      send(client, batch, 2, FileEvent.of(EventType.COMPLETED, "a.csv").rows(7L));
      Snapshot completed = status(client, batch, 2, BatchStatus.COMPLETED);

      assertThat(completed.status()).isEqualTo(BatchStatus.COMPLETED);
      assertThat(completed.totals().files())
          .extracting("completed", "failed")
          .containsExactly(1L, 0L);
      assertThat(client.allFiles(batch, FileFilter.all()).collectList().block(LIMIT))
          .extracting(Manifest::file, Manifest::state, Manifest::run, Manifest::rows)
          .containsExactly(tuple("a.csv", FileState.COMPLETED, 2, 7L));
    }
  }

  @Test
  void serviceRoleCannotChangeTheLedgerOfTheOwnDatabase() throws Exception {
    try (AuditCalls client = home.client();
        Connection connection = home.cluster().connect(SERVICE)) {
      post(open(client), lines(1));
      assertLedgerCannotBeChanged(connection);
    }
  }

  @Test
  void givenPostgres15IsServedByARoleThatCannotChangeTheLedger(@TempDir Path other)
      throws Exception {
    try (TestDatabase database = TestPostgres.external15().freshDatabase();
        AuditHome given = new AuditHome(other)) {
      String url = url(database, database.serviceUser(), database.servicePassword());
      String owner = url(database, database.ownerUser(), database.ownerPassword());
      given.serve(Map.of("AUDIT_DB_OWNER", owner), "--db", url);
      try (AuditCalls client = given.client();
          Connection connection =
              DriverManager.getConnection(
                  database.jdbcUrl(), database.serviceUser(), database.servicePassword())) {
        UUID batch = open(client);
        send(client, batch, 1, FileEvent.of(EventType.COMPLETED, "a.csv").rows(7L));
        assertThat(status(client, batch, 1, BatchStatus.COMPLETED).status())
            .isEqualTo(BatchStatus.COMPLETED);
        assertThat(ledger(client, batch)).hasSize(2);
        assertThat(given.cluster().processes()).as("embedded servers").isEmpty();
        assertThat(connection.getMetaData().getDatabaseMajorVersion()).isEqualTo(15);
        assertLedgerCannotBeChanged(connection);
      }
    }
  }

  private static void assertLedgerCannotBeChanged(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery("SELECT count(*) FROM audit.ledger")) {
        row.next();
        assertThat(row.getLong(1)).as("rows that it may read").isPositive();
      }
      for (String change :
          List.of(
              "UPDATE audit.ledger SET body = 'x'",
              "DELETE FROM audit.ledger",
              "TRUNCATE audit.ledger",
              "ALTER TABLE audit.ledger ADD COLUMN x int")) {
        assertThatThrownBy(() -> statement.execute(change))
            .as(change)
            .isInstanceOf(SQLException.class)
            .extracting(error -> ((SQLException) error).getSQLState())
            .isEqualTo(NOT_ALLOWED);
      }
    }
  }

  private static String url(TestDatabase database, String user, String password) {
    String encoded = URLEncoder.encode(password, StandardCharsets.UTF_8).replace("+", "%20");
    return "postgresql://%s:%s@%s:%d/%s"
        .formatted(user, encoded, database.host(), database.port(), database.name());
  }

  private static UUID open(AuditCalls client) {
    return client.open(BatchSpec.builder().build()).block(LIMIT).id();
  }

  private static void send(AuditCalls client, UUID batch, int run, FileEvent.Builder event) {
    Ack ack = client.send(batch, run, null, Flux.just(event.build())).blockLast(LIMIT);
    assertThat(ack.accepted()).isEqualTo(1);
  }

  private static Snapshot status(AuditCalls client, UUID batch, int run, BatchStatus status) {
    return client.status(batch, run, status, null).block(LIMIT);
  }

  private static List<String> ledger(AuditCalls client, UUID batch) {
    return client.ledger(batch, 0).collectList().block(LIMIT);
  }

  /** So many files, each completed, at the positions from 1. */
  private static String lines(int many) {
    return IntStream.rangeClosed(1, many)
        .mapToObj(
            n ->
                "{\"type\":\"COMPLETED\",\"file\":\"%1$d.csv\",\"rows\":%1$d,\"position\":%1$d}"
                    .formatted(n))
        .collect(Collectors.joining("\n"));
  }

  /** Sends the lines as they are, in one request. */
  private static Ack post(UUID batch, String lines) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/batches/" + batch + "/events"))
            .timeout(LIMIT)
            .header("Authorization", "Bearer " + home.key())
            .header("Content-Type", "application/x-ndjson")
            .header("Audit-Producer", "loader-of-" + batch)
            .POST(HttpRequest.BodyPublishers.ofString(lines))
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return AuditJson.lenient().readValue(response.body(), Ack.class);
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }
}
