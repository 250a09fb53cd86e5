package io.fileaudit.it.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Proves on a bad page that what the tests of the page look for would be noticed. */
@NeedsBrowser
@Timeout(120)
class BrowserIT {
  private static final String BAD_PAGE =
      """
      <!doctype html>
      <html>
      <head><title>bad</title><meta name="viewport" content="width=device-width"><style>
        @media (prefers-color-scheme: dark) { body { background: #000000; } }
      </style></head>
      <body>
        <p style="color: #bbbbbb">hard to read</p>
        <img src="http://pictures.example/x.png">
        <script>fetch("http://127.0.0.1:1/y").catch(() => {}); missing();</script>
      </body>
      </html>
      """;

  @TempDir static Path folder;
  private static HttpServer server;
  private static Browsers browsers;
  private Browser browser;

  @BeforeAll
  static void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] page = BAD_PAGE.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    server.start();
    browsers = new Browsers(folder);
  }

  @AfterAll
  static void end() {
    browsers.close();
    server.stop(0);
  }

  private static String origin() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @BeforeEach
  void open() throws Exception {
    browser = browsers.open(origin());
    browser.open("/bad");
  }

  @AfterEach
  void close() {
    browser.close();
  }

  @Test
  void requestToAnotherOriginIsNoticed() {
    browser.await("both requests", () -> browser.requestsElsewhere().size() == 2);

    assertThat(browser.requestsElsewhere())
        .containsExactlyInAnyOrder("http://pictures.example/x.png", "http://127.0.0.1:1/y");
    assertThat(browser.requests()).contains(origin() + "/bad");
  }

  @Test
  void requestOfAnotherTabIsNoticed() {
    browser.openTab();
    browser.open("/bad");

    browser.await("those of both tabs", () -> browser.requestsElsewhere().size() == 4);
  }

  @Test
  void brokenScriptIsNoticed() {
    assertThat(browser.complaints()).anyMatch(line -> line.contains("missing is not defined"));
  }

  @Test
  void badPageHasFindings() {
    assertThat(browser.findings())
        .anyMatch(finding -> finding.startsWith("color-contrast"))
        .anyMatch(finding -> finding.startsWith("image-alt"))
        .anyMatch(finding -> finding.startsWith("html-has-lang"));
  }

  @Test
  void findingsDependOnTheTheme() {
    browser.look(Look.DARK_WIDE);

    assertThat(browser.findings()).noneMatch(finding -> finding.startsWith("color-contrast"));
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void pageHasTheSizeThatWasAskedFor(Look look) {
    browser.look(look);
    browser.openTab();
    browser.open("/bad");

    assertThat(browser.script("return [innerWidth, innerHeight]"))
        .isEqualTo(List.of((long) look.width, (long) look.height));
    assertThat(
            browser.script(
                "return matchMedia(`(prefers-color-scheme: ${arguments[0]})`).matches", look.theme))
        .isEqualTo(true);
  }

  @Test
  void onlyTheTabInFrontIsSeen() {
    browser.script(
        """
        window.seen = [];
        addEventListener("visibilitychange", () => seen.push(document.visibilityState), true);
        """);
    String first = browser.tab();

    browser.openTab();
    browser.showTab(first);

    browser.await(
        "the first tab was hidden, then seen",
        () -> browser.script("return seen").equals(List.of("hidden", "visible")));
  }

  @Test
  void whatDoesNotComeIsToldWithWhatIsThere() {
    assertThatThrownBy(() -> browser.await("a wonder", Duration.ofMillis(50), () -> false))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("a wonder", "/bad", "hard to read", "not-a-wonder-light-1440.png");
  }

  @Test
  void nextTestFindsABrowserThatKnowsNothing() throws Exception {
    browser.look(Look.DARK_NARROW);
    browser.script(
        "document.cookie = 'known=1; max-age=600'; localStorage.known = 1; sessionStorage.known = 1");
    browser.openWindow();
    browser.open("/bad");
    List<ProcessHandle> processes = browser.processes();
    browser.close();

    browser = browsers.open(origin());

    assertThat(browser.processes().get(0)).as("the same driver").isEqualTo(processes.get(0));
    assertThat(browser.driver().getWindowHandles()).hasSize(1);
    assertThat(browser.path()).isEqualTo("about:blank");
    assertThat(browser.requests()).isEmpty();
    assertThat(browser.complaints()).isEmpty();
    browser.open("/bad");
    assertThat(
            browser.script(
                "return [document.cookie, localStorage.length, sessionStorage.length, history.length,"
                    + " innerWidth, matchMedia('(prefers-color-scheme: dark)').matches]"))
        .isEqualTo(List.of("", 0L, 0L, 2L, (long) Look.LIGHT_WIDE.width, false));
  }

  @Test
  void nothingIsLeftOfABrowserThatDoesNotAnswer() {
    List<ProcessHandle> processes = browser.processes();
    assertThat(processes).hasSizeGreaterThan(2);
    processes.get(0).destroyForcibly();

    browser.close();

    assertThat(processes).allMatch(DriverProcess::isGone);
  }
}
