package io.fileaudit.it.browser;

import io.fileaudit.api.access.NewKey;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;

/** A service of one suite, with somebody who loads and those who look. */
final class Site implements AutoCloseable {
  private final Path folder;
  private final AuditHome home;
  private final ServiceProcess service;
  private final AuditCalls client;
  private final Browsers browsers;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, String> readers = new HashMap<>();

  private Site(Path folder, AuditHome home, ServiceProcess service) throws IOException {
    this.folder = folder;
    this.home = home;
    this.service = service;
    this.client = home.client();
    this.browsers = new Browsers(folder);
  }

  static Site start(Path folder) throws IOException, InterruptedException {
    AuditHome home = new AuditHome(folder);
    try {
      return new Site(folder, home, home.serve());
    } catch (IOException | RuntimeException e) {
      home.close();
      throw e;
    }
  }

  AuditHome home() {
    return home;
  }

  ServiceProcess service() {
    return service;
  }

  AuditCalls client() {
    return client;
  }

  /** Those that look at it, and at others. */
  Browsers browsers() {
    return browsers;
  }

  Loads loads() {
    return new Loads(client);
  }

  /** A browser of the admin, at that path. */
  Browser browser(String path) throws IOException, InterruptedException {
    Browser browser = browsers.open(service.url());
    browser.signIn(client, path);
    return browser;
  }

  /** A browser of somebody who may look, and no more, in that namespace alone. */
  Browser reader(String namespace, String path) throws IOException, InterruptedException {
    String key = readers.computeIfAbsent(namespace, this::readingKey);
    Browser browser = browsers.open(service.url());
    browser.signIn(key, path);
    return browser;
  }

  private String readingKey(String namespace) {
    String name = "reader-of-" + namespace;
    NewKey wanted = new NewKey(name, List.of("read"), List.of(namespace), null);
    return Objects.requireNonNull(Loads.now(client.addKey(wanted)).key());
  }

  /** From now on a batch of the table is due every second; returns when it is overdue. */
  void expect(String table) throws IOException, InterruptedException {
    call(
        request("/api/v1/expectations/" + table)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString("{\"schedule\":\"* * * * * *\"}")));
    Loads.now(
        Mono.fromCallable(() -> call(request("/api/v1/expectations?overdue=true")))
            .subscribeOn(Schedulers.boundedElastic())
            .filter(overdue -> overdue.contains('"' + table + '"'))
            .repeatWhenEmpty(again -> again.delayElements(Duration.ofMillis(50))));
  }

  /** What the service says of itself. */
  JsonNode health() {
    try {
      return AuditJson.lenient().readTree(call(request("/api/v1/health")));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** How many feeds of batches the service tells now. */
  int feeds() {
    JsonNode feeds = health().path("feeds");
    return feeds.path("batch").asInt() + feeds.path("many").asInt();
  }

  private HttpRequest.Builder request(String path) throws IOException {
    return HttpRequest.newBuilder(URI.create(service.url() + path))
        .timeout(Duration.ofSeconds(30))
        .header("Authorization", "Bearer " + home.key());
  }

  private String call(HttpRequest.Builder request) throws IOException, InterruptedException {
    var answer = http.send(request.build(), BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
    }
    return answer.body();
  }

  /** A folder of the suite's own. */
  Path folder(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  @Override
  public void close() {
    browsers.close();
    client.close();
    home.close();
  }
}
