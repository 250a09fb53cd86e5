package io.fileaudit.it.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openqa.selenium.Keys;

/** How one comes in, sees who one is, and goes. */
@NeedsBrowser
@Timeout(180)
class SessionPageIT {
  private static final String SESSION = "/ui/session";

  @TempDir static Path folder;
  private static AuditHome home;
  private static ServiceProcess service;
  private static AuditCalls client;
  private static Browsers browsers;
  private Browser browser;

  @BeforeAll
  static void serve() throws Exception {
    home = new AuditHome(folder);
    service = home.serve();
    client = home.client();
    browsers = new Browsers(folder);
  }

  @AfterAll
  static void end() {
    browsers.close();
    client.close();
    home.close();
  }

  @BeforeEach
  void open() throws Exception {
    browser = browsers.open(service.url());
  }

  @AfterEach
  void close() {
    browser.close();
  }

  @Test
  void linkOpensThePageAndSaysWhoOneIs() {
    browser.signIn(client, SESSION);

    browser.awaitText("#name", "admin");
    assertThat(browser.path()).isEqualTo(SESSION);
    assertThat(browser.text("#namespaces")).isEqualTo("every one");
    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.requests()).contains(service.url() + "/api/v1/session");
    assertThat(browser.requestsElsewhere()).isEmpty();
  }

  @Test
  void keyIsTakenByTheFormWhichGoesOnToWhatWasWanted() throws Exception {
    browser.open("/ui?status=FAILED&table=a");
    browser.await("the form", () -> browser.path().startsWith("/ui/login?next="));
    browser.find("#key").sendKeys("wrong", Keys.ENTER);
    browser.awaitText("[role=alert]", "That key is not valid.");

    browser.find("#key").sendKeys(home.key(), Keys.ENTER);

    browser.await("the list", () -> browser.path().equals("/ui?status=FAILED&table=a"));
    browser.awaitText("#who", "admin");
  }

  @Test
  void whoSignsOutIsAskedForAKey() {
    browser.signIn(client, SESSION);

    browser.click("#sign-out:enabled");

    assertThat(browser.find("#key").isDisplayed()).isTrue();
    browser.open(SESSION);
    assertThat(browser.path()).isEqualTo("/ui/login?next=%2Fui%2Fsession");
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void bothPagesAreForEverybody(Look look) {
    browser.look(look);
    browser.open("/ui/login");
    assertThat(browser.findings()).isEmpty();
    browser.screenshot("login");

    browser.signIn(client, SESSION);
    browser.awaitText("#name", "admin");
    assertThat(browser.findings()).isEmpty();
    browser.screenshot("session");
  }
}
