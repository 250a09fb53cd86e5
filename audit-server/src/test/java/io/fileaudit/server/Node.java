package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.access.MemoryCredentialStore;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.MemoryExpectations;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.server.access.AdminKey;
import io.fileaudit.server.http.Route;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A node on a store in memory, and plain HTTP to it as a client would speak it. */
final class Node implements AutoCloseable {
  /** The admin key of every such node. */
  static final String KEY = "ak_a-key-of-the-tests-which-is-long-enough";

  static final String NDJSON = "application/x-ndjson";
  static final String EVENTS = "text/event-stream";

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int PATIENCE_MILLIS = (int) PATIENCE.toMillis();

  private final RunningServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();

  private Node(RunningServer server) {
    this.server = server;
  }

  /** Starts a node of its own, on free ports. */
  static Node start(String... environment) {
    MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
    return start(store, store, environment);
  }

  /** Starts a node on that store, without anything to report. */
  static <S extends AuditStore & WatchStore> Node start(S store, String... environment) {
    return start(store, new MemoryAuditStore(InstantSource.system()), environment);
  }

  /**
   * Starts a node on that store.
   *
   * @param reported what it reports of
   * @param environment settings: name, value, name, value …
   */
  static <S extends AuditStore & WatchStore> Node start(
      S store, MemoryAuditStore reported, String... environment) {
    return start(store, reported, null, environment);
  }

  /** The same with that log of records, for settings that name brokers. */
  static <S extends AuditStore & WatchStore> Node start(
      S store, MemoryAuditStore reported, NodeParts.Records records, String... environment) {
    Map<String, String> settings = new HashMap<>();
    settings.put("AUDIT_PORT", "0");
    settings.put("AUDIT_MANAGEMENT_PORT", "0");
    settings.put("AUDIT_NODE", "node-under-test");
    for (int i = 0; i < environment.length; i += 2) {
      settings.put(environment[i], environment[i + 1]);
    }
    try {
      Path key = Files.createTempFile("admin", ".key");
      Files.writeString(key, KEY + "\n");
      try {
        RunningServer server =
            RunningServer.start(
                ServerSettings.read(settings),
                store,
                reported.lineage(),
                reported.feeds(),
                reported.reports(),
                new MemoryExpectations(reported, InstantSource.system()),
                reported.webhooks(),
                reported.evidence(),
                new MemoryCredentialStore(InstantSource.system()),
                AdminKey.fromFile(key),
                records);
        Leaks.listen();
        return new Node(server);
      } finally {
        Files.delete(key);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a node on a PostgreSQL of its own in that directory. */
  static Node startOnDatabase(Path data, String... environment) throws IOException {
    Path key = Files.writeString(data.resolve("given.key"), KEY + "\n");
    Map<String, String> settings = new HashMap<>();
    settings.put("AUDIT_PORT", "0");
    settings.put("AUDIT_MANAGEMENT_PORT", "0");
    settings.put("AUDIT_DATA", data.toString());
    settings.put("AUDIT_ADMIN_KEY_FILE", key.toString());
    for (int i = 0; i < environment.length; i += 2) {
      settings.put(environment[i], environment[i + 1]);
    }
    Node node = new Node(RunningServer.start(ServerSettings.read(settings)));
    Leaks.listen();
    return node;
  }

  /** How the database's owner reaches it. */
  PostgresSettings databaseOwner() {
    return server.databaseOwner();
  }

  int port() {
    return server.port();
  }

  MeterRegistry meters() {
    return server.meters();
  }

  /** Whether the node is made of such a part, too. */
  boolean has(Class<?> part) {
    return server.has(part);
  }

  int managementPort() {
    return server.managementPort();
  }

  /** Stops the node, and fails where a network buffer was not released meanwhile. */
  @Override
  public void close() {
    server.close();
    assertThat(Leaks.found()).as("buffers that nobody released").isEmpty();
  }

  /** The path of a batch that nobody has opened yet. */
  static String fresh() {
    return "/api/v1/batches/" + UUID.randomUUID();
  }

  /** Opens a batch with that body and gives its path. */
  String opened(String spec) {
    String path = fresh();
    Answer answer = send("PUT", path, spec);
    if (answer.status() != 201) {
      throw new AssertionError("not opened: " + answer);
    }
    return path;
  }

  Answer get(String path, String... headers) {
    return send("GET", path, "", headers);
  }

  /** Posts lines as NDJSON. */
  Answer events(String batch, String lines, String... headers) {
    String[] all = new String[headers.length + 2];
    all[0] = "Content-Type";
    all[1] = NDJSON;
    System.arraycopy(headers, 0, all, 2, headers.length);
    return send("POST", batch + "/events", lines, all);
  }

  Answer send(String method, String path, String body, String... headers) {
    return send(method, path, body.getBytes(StandardCharsets.UTF_8), headers);
  }

  /** Sends a request with the key. */
  Answer send(String method, String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        request(port(), method, path, body).header("Authorization", "Bearer " + KEY);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return send(request);
  }

  /** Sends a request as it is, with no key but what {@code headers} bring. */
  Answer sendWithout(String method, String path, String body, String... headers) {
    HttpRequest.Builder request =
        request(port(), method, path, body.getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return send(request);
  }

  /** Makes a key and gives it. */
  String key(String name, String scopes, String namespaces) {
    return send(
            "POST",
            "/api/v1/keys",
            "{\"name\":\"%s\",\"scopes\":[%s],\"namespaces\":[%s]}"
                .formatted(name, quoted(scopes), quoted(namespaces)))
        .is(201)
        .at("/key");
  }

  private static String quoted(String words) {
    return '"' + String.join("\",\"", words.split(",", -1)) + '"';
  }

  /** Every call of the interface. */
  List<Route> routes() {
    return server.routes();
  }

  /** Sends a request as it is, without a key where {@code headers} bring none. */
  Answer raw(int port, String method, String path, String... headers) {
    HttpRequest.Builder request = request(port, method, path, new byte[0]);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return send(request);
  }

  private static HttpRequest.Builder request(int port, String method, String path, byte[] body) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(PATIENCE)
        .method(
            method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<InputStream> response =
          client.send(request.build(), BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        boolean endless = response.headers().firstValue("Content-Type").orElse("").equals(EVENTS);
        return new Answer(
            response.statusCode(), response.headers(), endless ? beginning(body) : whole(body));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String whole(InputStream body) throws IOException {
    return new String(body.readAllBytes(), StandardCharsets.UTF_8);
  }

  /** A feed up to where nothing more has to come: behind the snapshots. */
  private static String beginning(InputStream body) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    StringBuilder read = new StringBuilder();
    boolean last = false;
    String line = lines.readLine();
    while (line != null && !(last && line.isEmpty())) {
      read.append(line).append('\n');
      last |=
          line.equals("event: tick") || line.matches("data: .*\"links\".*/feed\".*") && isOne(read);
      line = lines.readLine();
    }
    return read.toString();
  }

  /** Whether that is the feed of one batch, whose snapshot has a place to resume from. */
  private static boolean isOne(StringBuilder read) {
    return read.indexOf("event: snapshot\nid: ") >= 0;
  }

  /** A feed that is read event by event. */
  EventStream feed(String path, String... headers) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .header("Authorization", "Bearer " + KEY)
            .header("Accept", EVENTS);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
    return new EventStream(response.statusCode(), response.headers(), response.body());
  }

  /**
   * Sends what no client library would: a request line of the test's own, with the key, and reads
   * the answer until the connection is closed.
   */
  Answer line(String requestLine, String... headers) throws IOException {
    StringBuilder head = new StringBuilder(requestLine).append("\r\nHost: x\r\n");
    head.append("Connection: close\r\nAuthorization: Bearer ").append(KEY).append("\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    try (Socket socket = new Socket("127.0.0.1", port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      return Answer.read(
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /**
   * Begins a POST of events on a socket of its own, with a chunked body that is still to be sent.
   */
  StreamingCall streaming(String batch, String... headers) throws IOException {
    return streamingAs(KEY, batch, headers);
  }

  /** The same with another key. */
  StreamingCall streamingAs(String key, String batch, String... headers) throws IOException {
    Socket socket = new Socket("127.0.0.1", port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    StringBuilder head = new StringBuilder("POST " + batch + "/events HTTP/1.1\r\n");
    head.append("Host: 127.0.0.1\r\nAuthorization: Bearer ").append(key).append("\r\n");
    head.append("Transfer-Encoding: chunked\r\n");
    if (!List.of(headers).contains("Content-Type")) {
      head.append("Content-Type: ").append(NDJSON).append("\r\n");
    }
    for (int i = 0; i < headers.length; i += 2) {
      head.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return new StreamingCall(socket);
  }
}
