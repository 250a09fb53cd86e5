package io.fileaudit.it.browser;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WindowType;

/**
 * A headless Chromium that runs, with its driver. Closing ends all its processes, also after a
 * failure; so does the end of this JVM.
 */
final class Chromium implements AutoCloseable {
  private final DriverProcess driver;
  private final Session session;

  private Chromium(DriverProcess driver, Session session) {
    this.driver = driver;
    this.session = session;
  }

  /** Starts one that keeps what it knows in that folder. */
  static Chromium start(Path folder) throws IOException, InterruptedException {
    Programs programs = Programs.found();
    Path own = folder.toAbsolutePath();
    DriverProcess driver = DriverProcess.start(programs.driver(), own);
    try {
      Session session = Session.start(driver.url(), programs.browser(), own.resolve("profile"));
      driver.keepBrowsers();
      return new Chromium(driver, session);
    } catch (IOException | RuntimeException e) {
      driver.close();
      throw new IllegalStateException("no browser; chromedriver said:\n" + driver.said(), e);
    }
  }

  Session session() {
    return session;
  }

  /** Those of the driver, which is the first, and of the browser. */
  List<ProcessHandle> processes() {
    return driver.processes();
  }

  /**
   * Closes every tab and makes it forget what it was told by that origin and what it was told to
   * do; an empty tab is left. Whether it did: one that does not answer is to be closed.
   */
  boolean forget(String origin) {
    try {
      Set<String> tabs = session.getWindowHandles();
      session.switchTo().newWindow(WindowType.TAB);
      String left = session.getWindowHandle();
      for (String tab : tabs) {
        session.switchTo().window(tab);
        session.close();
      }
      session.switchTo().window(left);
      session.cdp("Page.bringToFront", Map.of());
      session.cdp("Network.clearBrowserCookies", Map.of());
      session.cdp("Network.clearBrowserCache", Map.of());
      session.cdp("Storage.clearDataForOrigin", Map.of("origin", origin, "storageTypes", "all"));
      session.cdp("Browser.resetPermissions", Map.of());
      session.cdp("Browser.setDownloadBehavior", Map.of("behavior", "default"));
      session.log("performance");
      session.log("browser");
      return true;
    } catch (WebDriverException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      session.quit();
    } catch (WebDriverException e) {
      // It has crashed or does not answer; it is ended below like one that does.
    } finally {
      driver.close();
    }
  }
}
