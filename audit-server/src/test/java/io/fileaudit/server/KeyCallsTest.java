package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Making, showing and revoking keys over HTTP. */
class KeyCallsTest {
  private static final String KEYS = "/api/v1/keys";
  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Answer add(String json) {
    return node.send("POST", KEYS, json);
  }

  private static Answer as(String key, String method, String path, String body) {
    return node.sendWithout(
        method, path, body, "Authorization", "Bearer " + key, "Content-Type", "application/json");
  }

  private static String fresh() {
    return "k-" + UUID.randomUUID();
  }

  @Test
  void keyIsShownOnceAndLetsIn() {
    String name = fresh();
    Answer made =
        add("{\"name\":\"%s\",\"scopes\":[\"read\",\"ingest\"],\"expires_after\":\"P90D\"}"
                .formatted(name))
            .is(201);
    String key = made.at("/key");

    assertThat(key).matches("ak_[A-Za-z0-9_-]{43}");
    assertThat(made.at("/created_by")).isEqualTo("admin");
    assertThat(made.json().at("/scopes").toString()).isEqualTo("[\"ingest\",\"read\"]");
    assertThat(made.json().at("/namespaces").toString()).isEqualTo("[\"default\"]");
    assertThat(
            Duration.between(
                java.time.Instant.parse(made.at("/created_at")),
                java.time.Instant.parse(made.at("/expires_at"))))
        .isEqualTo(Duration.ofDays(90));
    Answer shown = node.get(KEYS).is(200);
    assertThat(shown.body()).contains(made.at("/id")).doesNotContain(key).doesNotContain("\"hash");
    assertThat(as(key, "GET", "/api/v1/session", "").is(200).at("/name")).isEqualTo(name);
  }

  @Test
  void revokedKeyIsRefusedAtOnceAndStaysInTheList() {
    Answer made = add("{\"name\":\"%s\",\"scopes\":[\"read\"]}".formatted(fresh())).is(201);
    String path = KEYS + "/" + made.at("/id");
    as(made.at("/key"), "GET", "/api/v1/batches", "").is(200);

    Answer revoked = node.send("DELETE", path, "").is(200);

    as(made.at("/key"), "GET", "/api/v1/batches", "").isProblem(401, "unauthenticated");
    assertThat(revoked.at("/revoked_by")).isEqualTo("admin");
    assertThat(node.send("DELETE", path, "").is(200).at("/revoked_at"))
        .isEqualTo(revoked.at("/revoked_at"));
    assertThat(node.get(KEYS).body()).contains(made.at("/id"));
  }

  @Test
  void whoEndedABatchStandsInItsVerdict() {
    String name = fresh();
    String key = node.key(name, "ingest,read", "default");
    String batch = Node.fresh();
    as(key, "PUT", batch, "{}").is(201);

    Answer ended = as(key, "PUT", batch + "/status", "{\"status\":\"CANCELLED\"}").is(200);

    assertThat(ended.json().at("/verdict").toString()).contains(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|name",
        "{\"name\":\"a b\",\"scopes\":[\"read\"]}|name",
        "{\"name\":\"admin\",\"scopes\":[\"read\"]}|name",
        "{\"name\":\"n1\"}|scopes",
        "{\"name\":\"n1\",\"scopes\":[]}|scopes",
        "{\"name\":\"n1\",\"scopes\":[\"write\"]}|scopes",
        "{\"name\":\"n1\",\"scopes\":\"read\"}|scopes",
        "{\"name\":\"n1\",\"scopes\":[\"read\"],\"namespaces\":[\"A\"]}|namespaces",
        "{\"name\":\"n1\",\"scopes\":[\"read\"],\"expires_after\":\"PT0S\"}|expires_after",
        "{\"name\":\"n1\",\"scopes\":[\"read\"],\"expires_after\":\"P1Y\"}|ISO 8601 duration",
        "{\"name\":\"n1\",\"scopes\":[\"read\"],\"exipres_after\":\"P1D\"}|exipres_after",
      })
  void whatIsWrongWithAKeyIsNamed(String json, String named) {
    assertThat(add(json).isProblem(422, "invalid-request").at("/detail")).contains(named);
  }

  @Test
  void nameOfAValidKeyIsTaken() {
    String body = "{\"name\":\"%s\",\"scopes\":[\"read\"]}".formatted(fresh());
    String first = add(body).is(201).at("/id");
    add(body).isProblem(422, "invalid-request");
    node.send("DELETE", KEYS + "/" + first, "").is(200);
    add(body).is(201);
  }

  @Test
  void keyLastsNoLongerThanTheOneThatMadeIt() {
    Answer shortly =
        add("{\"name\":\"%s\",\"scopes\":[\"admin\"],\"expires_after\":\"PT1H\"}"
                .formatted(fresh()))
            .is(201);

    Answer made =
        as(
                shortly.at("/key"),
                "POST",
                KEYS,
                "{\"name\":\"%s\",\"scopes\":[\"admin\"]}".formatted(fresh()))
            .is(201);

    assertThat(made.at("/expires_at")).isEqualTo(shortly.at("/expires_at"));
  }

  @Test
  void namesMayBeTheSameWhereNamespacesAreNot() {
    String name = fresh();
    String body = "{\"name\":\"%s\",\"scopes\":[\"read\"],\"namespaces\":[\"%s\"]}";
    add(body.formatted(name, "a")).is(201);
    add(body.formatted(name, "b")).is(201);
    add(body.formatted(name, "a\",\"c")).isProblem(422, "invalid-request");
    add(body.formatted(name, "*")).isProblem(422, "invalid-request");
  }

  @Test
  void adminOfOneNamespaceStaysInIt() {
    String lead = node.key(fresh(), "admin", "sales");
    String foreign = add("{\"name\":\"%s\",\"scopes\":[\"read\"]}".formatted(fresh())).at("/id");
    String body = "{\"name\":\"%s\",\"scopes\":[\"admin\"],\"namespaces\":[\"%s\"]}";

    assertThat(as(lead, "POST", KEYS, body.formatted(fresh(), "sales")).status()).isEqualTo(201);
    as(lead, "POST", KEYS, body.formatted(fresh(), "default")).isProblem(403, "forbidden");
    as(lead, "POST", KEYS, body.formatted(fresh(), "*")).isProblem(403, "forbidden");
    as(lead, "DELETE", KEYS + "/" + foreign, "").isProblem(404, "not-found");
    assertThat(as(lead, "GET", KEYS, "").is(200).body()).doesNotContain(foreign);
    assertThat(as(lead, "GET", "/api/v1/session", "").at("/namespace")).isEqualTo("sales");
  }

  @Test
  void streamOfARevokedKeyIsCutOff() throws Exception {
    Answer made = add("{\"name\":\"%s\",\"scopes\":[\"ingest\"]}".formatted(fresh())).is(201);
    String batch = node.opened("");
    try (StreamingCall call = node.streamingAs(made.at("/key"), batch, "Accept", Node.NDJSON)) {
      call.send("{\"type\":\"STARTED\",\"file\":\"a\"}\n");
      assertThat(call.line()).contains("\"accepted\":1");

      node.send("DELETE", KEYS + "/" + made.at("/id"), "").is(200);

      assertThat(call.isClosedByTheService()).isTrue();
    }
    assertThat(node.get(batch).json().at("/totals/events").asInt()).isEqualTo(1);
  }
}
