package io.fileaudit.it.browser;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.access.PageLink;
import io.fileaudit.api.client.AuditCalls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.remote.RemoteWebDriver;

/**
 * A headless Chromium of one test, which looks at the pages of one service. What it does is done in
 * the tab that was opened or brought to the front last. Closing gives it back to the suite, for
 * which it forgets everything. Not thread-safe.
 */
public final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofMillis(30);
  private static final Path PICTURES =
      Path.of(System.getProperty("basedir", ""), "target", "screenshots");
  private static final String AXE = resource("/axe.min.js");

  private static final int TALLEST_PICTURE = 4000;

  private static final String RUN_AXE =
      """
      const done = arguments[arguments.length - 1];
      const told = (finding) =>
          finding.id + ": " + finding.help + ", at " + finding.nodes.map((node) => node.target.join(" ")).join(", ");
      axe.run(document, { resultTypes: ["violations"] }).then(
          (results) => done(results.violations.map(told)),
          (error) => done(["axe did not run: " + error]));
      """;

  private final Browsers suite;
  private final Chromium chromium;
  private final Session session;
  private final String origin;
  private final Traffic traffic = new Traffic();
  private final List<String> complaints = new ArrayList<>();
  private Look look = Look.LIGHT_WIDE;
  private boolean closed;

  /** One that knows nothing. */
  Browser(Browsers suite, Chromium chromium, String origin) {
    this.suite = suite;
    this.chromium = chromium;
    this.session = chromium.session();
    this.origin = origin;
    look(Look.LIGHT_WIDE);
  }

  /** Takes that size and theme, in this tab and those that are opened from now on. */
  public void look(Look wanted) {
    look = wanted;
    Map<String, Object> metrics = new HashMap<>();
    metrics.put("width", wanted.width);
    metrics.put("height", wanted.height);
    metrics.put("screenWidth", wanted.width);
    metrics.put("screenHeight", wanted.height);
    metrics.put("deviceScaleFactor", 1);
    metrics.put("mobile", wanted.isNarrow());
    session.cdp("Emulation.setDeviceMetricsOverride", metrics);
    session.cdp(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", wanted.theme))));
  }

  /** Signs in by a link that works once, with the rights of the client's key, and goes on there. */
  public void signIn(AuditCalls client, String path) {
    PageLink link = Objects.requireNonNull(client.pageLink().block(PATIENCE));
    open(link.path() + "&next=" + URLEncoder.encode(path, StandardCharsets.UTF_8));
  }

  /** Signs in through the form with a key, and goes on there. */
  public void signIn(String key, String path) {
    open("/ui/login?next=" + URLEncoder.encode(path, StandardCharsets.UTF_8));
    find("#key").sendKeys(key, Keys.ENTER);
    await("to be signed in", () -> path().equals(path));
  }

  /** Goes to a path of the service; returns when the page and its files are loaded. */
  public void open(String path) {
    session.get(origin + path);
  }

  /** Loads the page again that it is at. */
  public void reload() {
    session.navigate().refresh();
  }

  /** Where it is: path, query and fragment; the whole address where it has left the service. */
  public String path() {
    String url = session.getCurrentUrl();
    return url.startsWith(origin + "/") ? url.substring(origin.length()) : url;
  }

  /** Waits for an element that fits and can be seen, the first where there are several. */
  @CheckReturnValue
  public WebElement find(String css) {
    AtomicReference<@Nullable WebElement> found = new AtomicReference<>();
    await(
        "an element " + css,
        () -> {
          found.set(all(css).stream().filter(WebElement::isDisplayed).findFirst().orElse(null));
          return found.get() != null;
        });
    return Objects.requireNonNull(found.get());
  }

  /** Waits until there is an element that fits and can be seen. */
  public void awaitSeen(String css) {
    WebElement unused = find(css);
  }

  /** The elements that fit now, seen or not; empty where there are none. */
  @CheckReturnValue
  public List<WebElement> all(String css) {
    return session.findElements(By.cssSelector(css));
  }

  /** What can be read in the first element that fits now; empty where there is none. */
  @CheckReturnValue
  public String text(String css) {
    try {
      return all(css).stream().findFirst().map(WebElement::getText).orElse("");
    } catch (StaleElementReferenceException e) {
      return ""; // It was replaced in between.
    }
  }

  /** Waits until that can be read in the first element that fits. */
  public void awaitText(String css, String text) {
    await("\"" + text + "\" in " + css, () -> text(css).contains(text));
  }

  /** Waits for the element and clicks on it, on what took its place where it was replaced. */
  public void click(String css) {
    await(
        "a click on " + css,
        () -> {
          find(css).click();
          return true;
        });
  }

  /** Moves the pointer over the element, and leaves it there. */
  public void pointAt(String css) {
    new Actions(session).moveToElement(find(css)).perform();
  }

  /** Presses keys, as in {@code "/"} or {@link Keys#ENTER}, wherever the focus is. */
  public void press(CharSequence... keys) {
    new Actions(session).sendKeys(keys).perform();
  }

  /** Runs a script in the page; what it returns. */
  public Object script(String script, Object... arguments) {
    return session.executeScript(script, arguments);
  }

  /** Opens an empty tab in front of the others; its name. */
  public String openTab() {
    session.switchTo().newWindow(WindowType.TAB);
    showTab(tab());
    return tab();
  }

  /** Opens an empty window beside the others, which are still seen; the name of its tab. */
  public String openWindow() {
    session.switchTo().newWindow(WindowType.WINDOW);
    look(look);
    return tab();
  }

  /** The name of the tab in which things are done. */
  public String tab() {
    return session.getWindowHandle();
  }

  /**
   * Brings a tab to the front, where it is seen again and hides the others. A hidden one cannot be
   * spoken to, as this would show it; {@link #requests()} are those of all.
   */
  public void showTab(String name) {
    session.switchTo().window(name);
    session.cdp("Page.bringToFront", Map.of());
    look(look);
  }

  /** A command of the Chrome DevTools protocol, as in {@code Network.emulateNetworkConditions}. */
  public Object cdp(String command, Map<String, ?> parameters) {
    return session.cdp(command, parameters);
  }

  /** The driver itself, for what is not here. */
  public RemoteWebDriver driver() {
    return session;
  }

  /** Waits half a minute at the most. */
  public void await(String what, BooleanSupplier holds) {
    await(what, PATIENCE, holds);
  }

  /**
   * Waits until it holds; an element that is not there, or not any more, is one that does not hold.
   *
   * @throws AssertionError where it does not within that time, with what can be read in the page
   */
  public void await(String what, Duration limit, BooleanSupplier holds) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!holdsNow(holds)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "not within %s: %s; at %s one reads:\n%s\nThe console: %s\nA picture: %s"
                .formatted(
                    limit, what, path(), text("body"), complaints(), screenshot("not " + what)));
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
  }

  private static boolean holdsNow(BooleanSupplier holds) {
    try {
      return holds.getAsBoolean();
    } catch (NoSuchElementException | StaleElementReferenceException e) {
      return false;
    }
  }

  /**
   * Keeps a picture of the whole page, and of what is seen alone where a dialog is open, as {@code
   * target/screenshots/NAME-THEME-WIDTH.png}.
   */
  public Path screenshot(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    Path file = PICTURES.resolve(plain + "-" + look.suffix() + ".png");
    try {
      Files.createDirectories(PICTURES);
      Map<?, ?> made = (Map<?, ?>) session.cdp("Page.captureScreenshot", wholePage());
      return Files.write(file, Base64.getDecoder().decode((String) made.get("data")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, Object> wholePage() {
    if (!all("dialog[open]").isEmpty()) {
      return Map.of("format", "png"); // It lies over what is seen, and nowhere else.
    }
    Number height = (Number) script("return document.documentElement.scrollHeight");
    int shown = Math.max(look.height, Math.min(height.intValue(), TALLEST_PICTURE));
    Map<String, Object> clip =
        Map.of("x", 0, "y", 0, "width", look.width, "height", shown, "scale", 1);
    return Map.of("format", "png", "captureBeyondViewport", true, "clip", clip);
  }

  /** What axe finds wrong with the page for people who cannot see or use it as others do. */
  @CheckReturnValue
  public List<String> findings() {
    if (!Boolean.TRUE.equals(script("return 'axe' in window"))) {
      script(AXE);
    }
    List<?> found = (List<?>) Objects.requireNonNull(session.executeAsyncScript(RUN_AXE));
    return found.stream().map(String::valueOf).toList();
  }

  /** All that its tabs have asked for, oldest first. */
  @CheckReturnValue
  public List<String> requests() {
    readTraffic();
    return traffic.urls();
  }

  /** What its tabs have asked for outside of the service. */
  @CheckReturnValue
  public List<String> requestsElsewhere() {
    readTraffic();
    return traffic.outside(origin);
  }

  private void readTraffic() {
    session.log("performance").forEach(line -> traffic.note(line.message()));
  }

  /** Errors on the console: scripts that failed, what the policy refused, what did not load. */
  @CheckReturnValue
  public List<String> complaints() {
    session.log("browser").stream()
        .filter(line -> line.level().equals("SEVERE"))
        .forEach(line -> complaints.add(line.message()));
    return List.copyOf(complaints);
  }

  /** Those of the driver, which is the first, and of the browser. */
  List<ProcessHandle> processes() {
    return chromium.processes();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      suite.giveBack(chromium, origin);
    }
  }

  private static String resource(String name) {
    try (InputStream file = Browser.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
