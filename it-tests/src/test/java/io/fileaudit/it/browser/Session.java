package io.fileaudit.it.browser;

import java.net.MalformedURLException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.ImmutableCapabilities;
import org.openqa.selenium.remote.CommandInfo;
import org.openqa.selenium.remote.HttpCommandExecutor;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.remote.http.ClientConfig;
import org.openqa.selenium.remote.http.HttpMethod;

/** One Chromium under a chromedriver, with the commands that only Chromium knows. */
final class Session extends RemoteWebDriver {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(90);
  private static final int PAGE_LIMIT_MILLIS = 30_000;

  private static final String CDP = "fileauditCdp";
  private static final String LOG = "fileauditLog";
  private static final Map<String, CommandInfo> COMMANDS =
      Map.of(
          CDP, new CommandInfo("/session/:sessionId/goog/cdp/execute", HttpMethod.POST),
          LOG, new CommandInfo("/session/:sessionId/se/log", HttpMethod.POST));

  private Session(HttpCommandExecutor executor, ImmutableCapabilities capabilities) {
    super(executor, capabilities);
  }

  /** Starts a browser that knows nothing yet, finds no other machine and says what it asks for. */
  static Session start(URI driver, Path browser, Path profile) throws MalformedURLException {
    List<String> flags =
        List.of(
            "--headless",
            "--no-sandbox", // As root, and in containers, there is none; the pages are our own.
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            "--lang=en-US",
            "--user-data-dir=" + profile);
    Map<String, Object> options =
        Map.of(
            "binary", browser.toString(),
            "args", flags,
            "perfLoggingPrefs", Map.of("enableNetwork", true, "enablePage", false));
    ImmutableCapabilities capabilities =
        new ImmutableCapabilities(
            Map.of(
                "browserName",
                "chrome",
                "timeouts",
                Map.of("pageLoad", PAGE_LIMIT_MILLIS, "script", PAGE_LIMIT_MILLIS),
                "goog:loggingPrefs",
                Map.of("performance", "ALL", "browser", "ALL"),
                "goog:chromeOptions",
                options));
    ClientConfig client = ClientConfig.defaultConfig().readTimeout(ANSWER_LIMIT);
    return new Session(new HttpCommandExecutor(COMMANDS, driver.toURL(), client), capabilities);
  }

  /** A command of the Chrome DevTools protocol, to the tab that is spoken to. */
  Object cdp(String command, Map<String, ?> parameters) {
    return execute(CDP, Map.of("cmd", command, "params", parameters)).getValue();
  }

  /** What was added to that log since it was read last. */
  List<LogLine> log(String type) {
    List<?> lines = (List<?>) execute(LOG, Map.of("type", type)).getValue();
    return lines.stream()
        .map(line -> (Map<?, ?>) line)
        .map(line -> new LogLine((String) line.get("level"), (String) line.get("message")))
        .toList();
  }

  /**
   * A line of one of the browser's logs.
   *
   * @param level as in {@code SEVERE}
   */
  record LogLine(String level, String message) {}
}
