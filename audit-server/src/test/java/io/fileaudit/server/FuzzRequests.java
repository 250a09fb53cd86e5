package io.fileaudit.server;

import static io.fileaudit.server.Mutations.joined;
import static io.fileaudit.server.Mutations.utf8;

import io.fileaudit.server.http.Route;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.springframework.http.HttpMethod;

/** Makes requests to every route, each with some fault, the same ones for the same seed. */
final class FuzzRequests {
  /** What is wrong with a request. */
  enum Kind {
    JSON,
    UTF8,
    PARAMETERS,
    CHUNKS,
    HEAD,
    GZIP,
    PIPELINED,
    CUT,
    DRIBBLED
  }

  /** How the client goes on when everything is sent. */
  enum End {
    /** It waits for the answer. */
    WAIT,
    /** It sends no more and reads the answer. */
    HALF_CLOSE,
    /** It resets the connection. */
    ABORT
  }

  /**
   * A request, or several in a row.
   *
   * @param route the one that it goes to, unless its head is spoilt
   * @param pieces what is sent, piece by piece
   */
  record Sent(Kind kind, Route route, List<byte[]> pieces, End end) {
    /** Its beginning, for people. */
    String shown() {
      byte[] all = joined(pieces.toArray(byte[][]::new));
      String text = new String(all, StandardCharsets.ISO_8859_1);
      String escaped = text.replace("\r", "\\r").replace("\n", "\\n").replace("\u0000", "\\0");
      return kind + " " + end + ": " + escaped.substring(0, Math.min(2_000, escaped.length()));
    }
  }

  private static final String EVENTS =
      """
      {"type":"STARTED","file":"a/ü.csv","at":"2026-11-01T10:00:00Z","attempt":1,"id":"i-%1$s"}
      {"type":"COMPLETED","file":"a/ü.csv","rows":5,"bytes":70,"rejected_rows":1,"checksum":"sha256:9f86"}
      {"type":"FAILED","file":"b","position":1,"error":{"code":"c","message":"m","line":1,"column":2}}
      {"type":"HEARTBEAT"}
      {"type":"PROGRESS","file":"c","rows":1,"attributes":{"a":[1,2.5,null,{"b":"c"}]}}
      """;
  private static final String OPENED =
      """
      {"name":"n","table":"t","period":"2026-11","labels":{"team":"x"},"limits":{"idle":"PT10M","operation":{"after":"PT3H","action":"flag"}},
      "max_rejected_rows":10,"max_skipped":1,"zero_rows":"allowed","expected":{"files":[{"file":"f","rows":1,"bytes":2,"checksum":"sha256:ab"}]},"resume":false,"parent":null}""";
  private static final String RUN =
      """
      {"eventType":"COMPLETE","eventTime":"2026-11-01T10:00:00Z","producer":"https://example.org",
      "schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
      "run":{"runId":"%1$s","facets":{"nominalTime":{"nominalStartTime":"2026-11-01T00:00:00Z"},"errorMessage":{"message":"m"},
      "parent":{"run":{"runId":"%1$s"},"job":{"namespace":"n","name":"p"}}}},"job":{"namespace":"n","name":"j"},
      "inputs":[{"namespace":"s3://b","name":"k","inputFacets":{"inputStatistics":{"rowCount":5,"size":9}}}],"outputs":[]}""";
  private static final String CLOUD_EVENT =
      """
      {"specversion":"1.0","id":"%1$s","source":"/loader","type":"io.fileaudit.file.completed","subject":"a.csv",
      "time":"2026-11-01T10:00:00Z","datacontenttype":"application/json","data":{"rows":5}}""";

  /** A good body for each route that reads one. */
  private static final Map<String, String> BODIES =
      Map.ofEntries(
          Map.entry("PUT /api/v1/batches/{id}", OPENED),
          Map.entry("POST /api/v1/batches", OPENED),
          Map.entry(
              "PATCH /api/v1/batches/{id}",
              "{\"limits\":{\"idle\":\"PT1H\",\"start\":null},\"labels\":{\"a\":\"b\",\"c\":null}}"),
          Map.entry(
              "PUT /api/v1/batches/{id}/status",
              "{\"status\":\"RUNNING\",\"message\":\"because\"}"),
          Map.entry("PUT /api/v1/batches/{id}/heartbeat", "{}"),
          Map.entry("POST /api/v1/batches/{id}/events", EVENTS),
          Map.entry("POST /api/v1/batches/{id}/rejected/replay", "{\"numbers\":[1,2]}"),
          Map.entry("POST /api/v1/batches/{id}/rejected/dismiss", "{\"numbers\":[1]}"),
          Map.entry(
              "PUT /api/v1/expectations/{table}",
              "{\"schedule\":\"0 6 * * *\",\"zone\":\"America/Sao_Paulo\",\"grace\":\"PT2H\"}"),
          Map.entry(
              "POST /api/v1/keys",
              "{\"name\":\"k\",\"scopes\":[\"read\"],\"namespaces\":[\"n\"],\"expires_after\":\"P1D\"}"),
          Map.entry("POST /api/v1/links", ""),
          Map.entry("POST /api/v1/lineage", RUN),
          Map.entry("POST /api/v1/lineage/batch", "[" + RUN + "," + RUN + "]"),
          Map.entry(
              "PUT /api/v1/webhooks/{name}",
              "{\"url\":\"https://192.0.2.1/hook\",\"tables\":[\"t\"],\"events\":[\"failed\"],\"enabled\":false}"),
          Map.entry("POST /api/v1/webhooks/{name}/test", ""),
          Map.entry("POST /api/v1/webhooks/{name}/deliveries/{number}/retry", ""),
          Map.entry("POST /ui/login", "key=" + Node.KEY + "&next=%%2Fui%%3Fa%%3Db"),
          Map.entry("POST /ui/logout", ""));

  private static final List<String> TYPES =
      List.of(
          "application/json",
          "application/x-ndjson",
          "application/cloudevents+json",
          "application/cloudevents-batch+json",
          "application/merge-patch+json",
          "application/json;charset=latin1",
          "text/plain",
          "x",
          "/",
          "application/json;charset=\"",
          "application/x-www-form-urlencoded");
  private static final List<String> ACCEPTS =
      List.of(
          "application/json",
          "application/x-ndjson",
          "text/csv",
          "text/event-stream",
          "*/*",
          "text/html",
          "a/b;q=x",
          ";",
          "*/json",
          "application/json;q=0",
          "a/b,".repeat(500));
  private static final List<String> NAMES =
      List.of(
          "status",
          "open",
          "table",
          "period",
          "label",
          "parent",
          "flag",
          "q",
          "cursor",
          "page_size",
          "state",
          "error",
          "finding",
          "file",
          "checksum",
          "wait",
          "from",
          "last_event_id",
          "snapshots",
          "overdue",
          "namespace",
          "next",
          "link",
          "key",
          "no-such",
          "");
  private static final List<String> VALUES =
      List.of(
          "",
          "%",
          "%zz",
          "%00",
          "%ff",
          "%c0%80",
          "%ed%a0%80",
          "%0d%0aX-Injected:%201",
          "%F0%9F%98%80",
          "a|b",
          "{",
          "\"",
          "<script>",
          "%27%3B%20DROP%20TABLE%20x",
          "true",
          "false",
          "open",
          "RUNNING",
          "running,,ended",
          "overdue",
          "silent",
          "-1",
          "0",
          "1",
          "1001",
          "99999999999999999999",
          "1e3",
          "PT0S",
          "PT1S",
          "PT99H",
          "P1Y",
          "-PT1S",
          "missing",
          "a=b",
          "=",
          "a:",
          "x".repeat(5_000),
          "Yg",
          "YjIwMjYtMTEtMDFUMDA6MDA6MDBaIA",
          "aDIwMjYtMTEtMDFUMDA6MDA6MDBaIDAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCA",
          "YisxMDAwMDAwMDAwLTAxLTAxVDAwOjAwOjAwWiAwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDAg",
          "cjk5OTk5OTk5OTk5OTk5OTk5OTk5",
          "ZgA",
          "%F0%9F%98%80".repeat(200),
          "00000000-0000-0000-0000-000000000000",
          "sha256:ab",
          "%2Fui%2F..%2F..",
          "//evil.example");

  private final Mutations mutations;
  private final List<Route> routes;
  private final List<String> batches;
  private int made;

  /**
   * Requests to those routes.
   *
   * @param batches ids of batches that are there
   */
  FuzzRequests(long seed, List<Route> routes, List<String> batches) {
    this.mutations = new Mutations(new Random(seed));
    this.routes = routes;
    this.batches = batches;
    routes.forEach(FuzzRequests::checkBody);
  }

  private static void checkBody(Route route) {
    boolean reads = route.method() != HttpMethod.GET && route.method() != HttpMethod.DELETE;
    if (reads && !BODIES.containsKey(name(route))) {
      throw new AssertionError("a new route needs a good body here: " + name(route));
    }
  }

  static String name(Route route) {
    return route.method() + " " + route.pattern();
  }

  /** The next request of a kind; routes take turns. */
  Sent next(Kind kind) {
    Route route = routes.get(made++ % routes.size());
    return switch (kind) {
      case JSON -> of(kind, route, plain(route, mutations.json(body(route))));
      case UTF8 -> of(kind, route, noUtf8(route));
      case PARAMETERS ->
          of(
              kind,
              route,
              request(route, target(route) + query(), headers(route), utf8(body(route))));
      case CHUNKS -> of(kind, route, chunked(route));
      case HEAD -> of(kind, route, head(route));
      case GZIP -> of(kind, route, packed(route));
      case PIPELINED -> of(kind, route, pipelined(route));
      case CUT -> cut(route);
      case DRIBBLED -> dribbled(route);
    };
  }

  private static Sent of(Kind kind, Route route, byte[] bytes) {
    return new Sent(kind, route, List.of(bytes), End.WAIT);
  }

  private String body(Route route) {
    if (route.pattern().endsWith("/events") && mutations.oneIn(2)) {
      return mutations.oneIn(2)
          ? CLOUD_EVENT.formatted(id())
          : "[" + CLOUD_EVENT.formatted(id()) + "]";
    }
    return BODIES.getOrDefault(name(route), "{}").formatted(id());
  }

  private UUID id() {
    return new UUID(mutations.below(1 << 30), mutations.below(1 << 30));
  }

  private String target(Route route) {
    String batch =
        mutations.oneIn(8)
            ? mutations.any(
                List.of("x", id().toString(), "1-1-1-1-1", "%F0%9F%98%80", ";a=b", "%20"))
            : mutations.any(batches);
    return route
        .pattern()
        .replace("{id}", batch)
        .replace("{table}", mutations.any(List.of("t", "%C3%BC", "%25", "a%0Ab")))
        .replace("{period}", "2026-11")
        .replace("{slug}", "not-found")
        .replace("{number}", "1")
        .replace("{name}", "page.css");
  }

  private String query() {
    StringBuilder query = new StringBuilder("?");
    for (int i = 1 + mutations.below(3); i > 0; i--) {
      query.append(mutations.any(NAMES));
      if (!mutations.oneIn(10)) {
        query.append('=').append(mutations.any(VALUES));
      }
      query.append(i > 1 ? "&" : "");
    }
    return query.toString();
  }

  /** Headers that may be right. */
  private String headers(Route route) {
    StringBuilder headers = new StringBuilder("Host: x\r\n");
    headers.append("Authorization: Bearer ").append(Node.KEY).append("\r\n");
    if (route.method() != HttpMethod.GET) {
      boolean form = route.pattern().equals("/ui/login");
      boolean events = route.pattern().endsWith("/events");
      String type =
          form
              ? "application/x-www-form-urlencoded"
              : events ? mutations.any(TYPES.subList(0, 4)) : "application/json";
      headers
          .append("Content-Type: ")
          .append(mutations.oneIn(8) ? mutations.any(TYPES) : type)
          .append("\r\n");
    }
    if (mutations.oneIn(3)) {
      headers.append("Accept: ").append(mutations.any(ACCEPTS)).append("\r\n");
    }
    if (mutations.oneIn(3)) {
      headers.append("Audit-Producer: p-").append(mutations.below(3)).append("\r\n");
    }
    return headers.toString();
  }

  private byte[] plain(Route route, byte[] body) {
    return request(route, target(route), headers(route), body);
  }

  private static byte[] request(Route route, String target, String headers, byte[] body) {
    return request(route.method() + " " + target + " HTTP/1.1", headers, body);
  }

  private static byte[] request(String line, String headers, byte[] body) {
    String length = body.length > 0 ? "Content-Length: " + body.length + "\r\n" : "";
    return joined(latin(line + "\r\n" + headers + length + "\r\n"), body);
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] noUtf8(Route route) {
    byte[] body = mutations.noUtf8(utf8(body(route)));
    if (mutations.oneIn(2)) {
      return plain(route, body);
    }
    String bad =
        mutations.any(List.of("%ff", "%c0%80", "%ed%a0%80", "%f0%9f", "ÿ", "\u0000", "%00"));
    String target = target(route);
    return switch (mutations.below(3)) {
      case 0 -> request(route, target + "?q=" + bad, headers(route), body);
      case 1 -> request(route, target + bad, headers(route), body);
      default -> {
        String named =
            mutations.any(
                List.of(
                    "Audit-Namespace",
                    "Audit-Producer",
                    "Audit-Run",
                    "Accept",
                    "Content-Type",
                    "Content-Encoding",
                    "Last-Event-ID",
                    "If-None-Match",
                    "Cookie",
                    "Origin",
                    "Authorization",
                    "X-CSRF-Token",
                    "ce-specversion"));
        yield request(route, target, headers(route) + named + ": " + bad + "\r\n", body);
      }
    };
  }

  private byte[] chunked(Route route) {
    byte[] chunks = mutations.chunks(utf8(body(route)), true);
    String coding =
        mutations.oneIn(6)
            ? mutations.any(
                List.of(
                    "gzip, chunked",
                    "chunked, chunked",
                    "identity",
                    "xchunked",
                    " chunked",
                    "chunked\r\nContent-Length: 5",
                    "chunked\r\nTransfer-Encoding: gzip"))
            : "chunked";
    String line = route.method() + " " + target(route) + " HTTP/1.1\r\n";
    return joined(
        latin(line + headers(route) + "Transfer-Encoding: " + coding + "\r\n\r\n"), chunks);
  }

  private byte[] head(Route route) {
    String target = target(route);
    String line = route.method() + " " + target + " HTTP/1.1";
    String headers = headers(route);
    byte[] body = utf8(body(route));
    return switch (mutations.below(9)) {
      case 0 -> request(oddMethod() + " " + target + " HTTP/1.1", headers, body);
      case 1 -> request(route.method() + " " + oddTarget(target) + " HTTP/1.1", headers, body);
      case 2 -> request(route.method() + " " + target + " " + oddVersion(), headers, body);
      case 3 -> request(line, headers + oddHeader(), body);
      case 4 -> request(line, headers.replace("Host: x\r\n", mutations.any(ODD_HOSTS)), body);
      case 5 -> request(line, headers.replaceFirst("Bearer .*", mutations.any(ODD_KEYS)), body);
      case 6 -> mutations.damaged(request(line, headers, body));
      case 7 -> mutations.noise(2_000);
      default -> request(line, headers.replace("\r\n", mutations.any(List.of("\n", "\r"))), body);
    };
  }

  private static final List<String> ODD_HOSTS =
      List.of(
          "",
          "Host:\r\n",
          "Host: a b\r\n",
          "Host: x\r\nHost: y\r\n",
          "Host: [::1\r\n",
          "Host: x:99999\r\n",
          "Host: ü\r\n",
          "Host: <x>\r\n",
          "Host: x:y\r\n",
          "Host: @/\r\n");
  private static final List<String> ODD_KEYS =
      List.of(
          "",
          "Basic eDp5",
          "Bearer",
          "Bearer ",
          "Bearer ak_",
          "Bearer a.b.c",
          "Bearer ..",
          "Bearer eyJhbGciOiJub25lIn0.e30.",
          "Bearer eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
          "Bearer " + "W1tb".repeat(1_500) + ".e30.AAAA",
          "Bearer as_" + "x".repeat(43),
          "Bearer " + "x".repeat(7_000),
          "bearer\t" + Node.KEY,
          "Bearer ÿ\u0001",
          "Digest x=\"y\"");

  private String oddMethod() {
    return mutations.any(
        List.of(
            "OPTIONS",
            "TRACE",
            "CONNECT",
            "HEAD",
            "PROPFIND",
            "get",
            "G\u0000T",
            "X".repeat(5_000),
            "",
            "PRI",
            "GET\tx",
            "P()T",
            "QUERY",
            "DELETE",
            "PATCH"));
  }

  private String oddTarget(String target) {
    return mutations.any(
        List.of(
            "*",
            "http://x" + target,
            "https://evil.example:99999" + target,
            "//x" + target,
            "x:y",
            "HTTP://[::1" + target,
            target + "/..%2f..%2fetc",
            target + "/../..",
            "/.." + target,
            target + "%2e%2e/",
            target + "%00",
            target + "%5c",
            target + "\\",
            target + "#x",
            target + "?" + "a".repeat(17_000),
            "/" + "a/".repeat(4_000),
            target + ";a=b;c",
            target + " x",
            "?x",
            "#",
            "",
            "a".repeat(9_000),
            target.toUpperCase(java.util.Locale.ROOT),
            "/%",
            "/%c3%28",
            "http://",
            "http:///",
            "/api/v1/" + "%F0%9F%98%80".repeat(500),
            target.replace("/", "//"),
            target + "/",
            "/actuator/env",
            "/ui/files/..;/login.html"));
  }

  private String oddVersion() {
    return mutations.any(
        List.of("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9.9", "HTTP/1.1.1", "http/1.1", "", "X"));
  }

  private String oddHeader() {
    return mutations.any(
        List.of(
            "no colon\r\n",
            ": empty\r\n",
            " folded: x\r\n",
            "A: b\r\n c\r\n",
            "A: b\rX: y\r\n",
            "A\u0000: b\r\n",
            "A: \u0000\r\n",
            "A b: c\r\n",
            "X: y\r\n".repeat(2_000),
            "X: " + "y".repeat(9_000) + "\r\n",
            "Content-Length: 5\r\n",
            "Content-Length: 0\r\n",
            "Content-Length: +1\r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Content-Length: 1,1\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: x\r\n",
            "Transfer-Encoding : chunked\r\n",
            "Expect: 100-continue\r\n",
            "Expect: x\r\n",
            "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n",
            "Connection: close, keep-alive\r\n",
            "Range: bytes=0-0,5-\r\n",
            "If-None-Match: \"\r\n",
            "If-None-Match: " + "W/\"1-1\",".repeat(900) + "\r\n",
            "Last-Event-ID: ..\r\n",
            "Last-Event-ID: 99999999999999999999\r\n",
            "Last-Event-ID: 9007199254740991\r\n",
            "Audit-Run: -1\r\n",
            "Audit-Run: 99999999999\r\n",
            "Audit-Namespace: ../x\r\n",
            "Audit-Namespace: *\r\n",
            "Cookie: a=b; =; ;; \"\r\n",
            "Cookie: audit_session=as_x\r\n",
            "Cookie: " + "a=b;".repeat(1_500) + "\r\n",
            "Origin: null\r\n",
            "Origin: ::\r\n",
            "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n",
            "Content-Encoding: br\r\n",
            "Content-Encoding: gzip, gzip\r\n",
            "ce-specversion: 1.0\r\n",
            "X-Forwarded-Proto: x\r\nForwarded: for=\"\r\n",
            "X-HTTP-Method-Override: DELETE\r\n",
            "Authorization: Bearer x\r\n",
            "Accept-Encoding: gzip;q=x\r\n",
            "Accept-Language: *;;\r\n"));
  }

  private byte[] packed(Route route) {
    byte[] good = Mutations.gzip(utf8(body(route)));
    byte[] body =
        switch (mutations.below(6)) {
          case 0 -> mutations.noise(400);
          case 1 -> joined(good, good);
          case 2 -> joined(good, mutations.noise(20));
          case 3 -> Mutations.gzip(new byte[2_000_000]);
          case 4 -> mutations.oneIn(2) ? good : Arrays.copyOf(good, mutations.below(20));
          default -> mutations.damaged(good);
        };
    return request(route, target(route), headers(route) + "Content-Encoding: gzip\r\n", body);
  }

  private byte[] pipelined(Route route) {
    byte[] all = new byte[0];
    for (int i = 2 + mutations.below(4); i > 0; i--) {
      Route one = mutations.oneIn(2) ? route : mutations.any(routes);
      byte[] body = utf8(body(one));
      byte[] next =
          mutations.oneIn(3)
              ? joined(
                  latin(one.method() + " " + target(one) + " HTTP/1.1\r\n" + headers(one)),
                  latin("Transfer-Encoding: chunked\r\n\r\n"),
                  mutations.chunks(body, mutations.oneIn(4)))
              : plain(one, mutations.oneIn(3) ? mutations.json(body(one)) : body);
      all = joined(all, next);
    }
    return all;
  }

  private Sent cut(Route route) {
    byte[] whole = mutations.oneIn(2) ? plain(route, utf8(body(route))) : chunked(route);
    byte[] part = Arrays.copyOf(whole, mutations.below(whole.length + 1));
    return new Sent(
        Kind.CUT, route, List.of(part), mutations.oneIn(2) ? End.HALF_CLOSE : End.ABORT);
  }

  private Sent dribbled(Route route) {
    byte[] whole =
        mutations.oneIn(2)
            ? plain(route, mutations.oneIn(2) ? mutations.json(body(route)) : utf8(body(route)))
            : chunked(route);
    byte[] sent = Arrays.copyOf(whole, Math.min(whole.length, 3_000));
    int most = 1 + mutations.below(60);
    List<byte[]> pieces = new java.util.ArrayList<>();
    for (int from = 0; from < sent.length; ) {
      int to = Math.min(sent.length, from + 1 + mutations.below(most));
      pieces.add(Arrays.copyOfRange(sent, from, to));
      from = to;
    }
    End end = sent.length == whole.length ? End.WAIT : End.HALF_CLOSE;
    return new Sent(Kind.DRIBBLED, route, pieces, end);
  }
}
