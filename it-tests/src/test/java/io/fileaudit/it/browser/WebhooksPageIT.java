package io.fileaudit.it.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.fileaudit.api.access.NewKey;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Webhooks on the page: the failing ones first, a test, and what one was told. */
@NeedsBrowser
@Timeout(180)
class WebhooksPageIT {
  @TempDir static Path folder;
  private static AuditHome home;
  private static ServiceProcess service;
  private static AuditCalls client;
  private static Browsers browsers;
  private static HttpServer receiver;
  private Browser browser;

  @BeforeAll
  static void serve() throws Exception {
    receiver = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().equals("/well") ? 204 : 500, -1);
          exchange.close();
        });
    receiver.start();
    home = new AuditHome(folder);
    service = home.serve(Map.of("AUDIT_WEBHOOKS_ALLOW", "127.0.0.1"));
    client = home.client();
    browsers = new Browsers(folder);
    put("a-pager", "/well");
    put("z-chat", "/broken");
  }

  private static void put(String name, String path) throws IOException, InterruptedException {
    String json =
        "{\"url\":\"http://127.0.0.1:%d%s\"}".formatted(receiver.getAddress().getPort(), path);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(service.url() + "/api/v1/webhooks/" + name))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + home.key())
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(json))
            .build();
    var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
  }

  @AfterAll
  static void end() {
    browsers.close();
    client.close();
    home.close();
    receiver.stop(0);
  }

  @BeforeEach
  void open() throws Exception {
    browser = browsers.open(service.url());
  }

  @AfterEach
  void close() {
    browser.close();
  }

  private static String button(String name) {
    return "[data-webhook='" + name + "'] [data-action=test]";
  }

  @Test
  void testSaysHowItWentAndTheLogTellsWhy() {
    browser.signIn(client, "/ui");
    browser.click("#nav [data-view=webhooks]");
    browser.awaitSeen("[data-webhook=a-pager]");
    browser.click(button("a-pager"));
    browser.await("the answer", () -> browser.text("#note").startsWith("a-pager answered 204"));

    browser.click(button("z-chat"));
    browser.await("the error", () -> browser.text("#note").contains("the receiver answered 500"));
    browser.awaitSeen("#webhooks tbody tr:first-child[data-webhook=z-chat][data-state=Failing]");

    browser.click("[data-webhook=z-chat] a");
    browser.awaitSeen("#deliveries [data-state=given_up]");
    assertThat(browser.path()).isEqualTo("/ui/webhooks?webhook=z-chat");
    assertThat(browser.text("#deliveries tbody")).contains("the receiver answered 500");
    browser.click("#deliveries [data-action=retry]");
    browser.await("it is sent again", () -> browser.text("#note").contains("again"));
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void whoMayOnlyLookIsToldSo() {
    NewKey wanted = new NewKey("only-looks", List.of("read"), List.of("default"), null);
    String key = Objects.requireNonNull(Loads.now(client.addKey(wanted)).key());

    browser.signIn(key, "/ui/webhooks");

    browser.awaitText("#problem", "Webhooks are shown to those who may operate.");
    assertThat(browser.find("#nav").getText()).doesNotContain("Webhooks");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT_WIDE", "DARK_NARROW"})
  void viewIsForEverybody(Look look) {
    browser.look(look);
    browser.signIn(client, "/ui/webhooks?webhook=z-chat");
    browser.awaitSeen("[data-webhook=a-pager]");
    browser.click(button("z-chat"));
    browser.awaitSeen("#deliveries [data-delivery]");
    assertThat(browser.findings()).isEmpty();
    browser.screenshot("webhooks");
  }
}
