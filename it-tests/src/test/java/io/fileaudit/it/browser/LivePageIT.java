package io.fileaudit.it.browser;

import static io.fileaudit.it.browser.Loads.completed;
import static io.fileaudit.it.browser.Loads.failed;
import static io.fileaudit.it.browser.Loads.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the page shows without being loaded again. */
@NeedsBrowser
@Timeout(180)
class LivePageIT {
  @TempDir static Path folder;
  private static Site site;
  private Browser browser;

  @BeforeAll
  static void serve() throws Exception {
    site = Site.start(folder);
  }

  @AfterAll
  static void end() {
    site.close();
  }

  @BeforeEach
  void open() throws Exception {
    browser = site.browser("/ui");
    browser.awaitSeen("#connection[data-state=live]");
  }

  @AfterEach
  void close() {
    browser.close();
  }

  /** From here on the page is not to be loaded again. */
  private void keep() {
    browser.script("window.kept = true");
  }

  private void assertKept() {
    assertThat(browser.script("return window.kept"))
        .as("the page was not loaded again")
        .isEqualTo(true);
  }

  private static String row(UUID batch) {
    return "tr[data-batch='" + batch + "']";
  }

  @Test
  void pageFillsWhileABatchRuns() {
    Loads loads = site.loads();
    UUID batch = loads.open(BatchSpec.builder().table("filling").expectedFiles(3));
    browser.open("/ui/batches/" + batch);
    browser.awaitSeen("#batch-status[data-status=PENDING]");
    browser.awaitSeen("#connection[data-state=live]");
    keep();

    loads.send(batch, started("a.csv"));
    browser.awaitSeen("#batch-status[data-status=RUNNING]");
    browser.awaitText("#file-states", "1 running");
    browser.awaitSeen("#files [data-file='a.csv'][data-status=RUNNING]");
    loads.send(batch, completed("a.csv", 1000), failed("b.csv", "bad-date"));
    browser.awaitText("#files-done", "2");
    browser.awaitText("#files-done-more", "of 3");
    browser.awaitText("#failed", "1");
    browser.awaitText("#rows", "1,000");
    browser.awaitSeen("#files [data-file='a.csv'][data-status=COMPLETED]");
    browser.awaitSeen("#failures [data-error=bad-date]");
    loads.send(batch, completed("b.csv", 500), completed("c.csv", 7));
    loads.status(batch, 1, BatchStatus.COMPLETED);
    browser.awaitSeen("#batch-status[data-status=INCOMPLETE]");

    browser.await("the verdict is said", () -> announced().contains("INCOMPLETE"));
    assertKept();
    assertThat(browser.complaints()).isEmpty();
  }

  private String announced() {
    return String.valueOf(
        browser.script("return document.getElementById('announcer').textContent"));
  }

  @Test
  void silentBatchTimesOutBeforeOnesEyes() {
    Loads loads = site.loads();
    BatchSpec.Builder spec =
        BatchSpec.builder()
            .table("silent")
            .limit(LimitName.IDLE, Limit.endAfter(Duration.ofSeconds(6)));
    UUID batch = loads.open(spec);
    loads.send(batch, started("a.csv"));
    browser.open("/ui?table=silent");
    browser.awaitSeen("[data-group=rest] " + row(batch) + "[data-status=RUNNING]");
    keep();

    browser.awaitSeen("[data-group=attention] " + row(batch) + "[data-status=SILENT]");
    browser.awaitText(row(batch), "(limit 6s)");
    browser.awaitSeen("[data-group=attention] " + row(batch) + "[data-status=TIMED_OUT]");

    browser.awaitText(row(batch), "TIMED OUT · silent ");
    browser.await("the verdict is said", () -> announced().contains("TIMED OUT"));
    browser.click(row(batch) + " [data-row-link]");
    browser.awaitText("#batch-status", "TIMED OUT · silent ");
    browser.click("[data-tab=verdicts]");
    browser.awaitSeen("#verdicts [data-reason=IDLE]");
    assertKept();
  }

  /** The clock of the tab is put forward so that nobody waits for most of the 45 seconds. */
  @Test
  void serviceThatIsKilledAndComesBack() throws Exception {
    try (AuditHome home = new AuditHome(site.folder("killed"))) {
      ServiceProcess first = home.serve();
      UUID batch;
      try (AuditCalls client = home.client();
          Browser here = site.browsers().open(first.url())) {
        Loads loads = new Loads(client);
        batch = loads.open("killed", "1");
        loads.send(batch, started("a.csv"));
        here.signIn(client, "/ui/batches/" + batch);
        here.awaitSeen("#connection[data-state=live]");
        here.awaitSeen("#files [data-file='a.csv']");
        here.awaitSeen("#throughput canvas");
        here.script("window.kept = true");

        first.kill();

        here.awaitSeen("#connection[data-state=reconnecting]");
        here.script("window.killed = performance.now()");
        here.await(
            "what was under way to arrive",
            () ->
                Boolean.TRUE.equals(
                    here.script("return performance.now() - window.killed > 1000")));
        assertThat(here.find("#batch-title").isDisplayed()).isTrue();
        assertThat(here.all("#banner:not([hidden])")).as("it is too early to warn").isEmpty();
        here.script(
            "const ticks = performance.now.bind(performance); performance.now = () => ticks() + 41_000;");
        here.awaitText("#banner", "As of ");
        assertThat(here.text("#banner"))
            .containsPattern("^As of \\d\\d:\\d\\d:\\d\\d, reconnecting$");
        here.screenshot("reconnecting");
        String port = String.valueOf(URI.create(first.url()).getPort());
        home.serve(Map.of("AUDIT_PORT", port));
        loads.send(batch, completed("a.csv", 12), completed("b.csv", 30));

        here.await(
            "the banner goes",
            Duration.ofSeconds(60),
            () -> here.all("#banner[hidden]").size() == 1);
        here.awaitSeen("#connection[data-state=live]");
        here.awaitText("#rows", "42");
        loads.status(batch, 1, BatchStatus.COMPLETED);
        here.awaitSeen("#batch-status[data-status=COMPLETED]");
        assertThat(here.script("return window.kept")).isEqualTo(true);
      }
    }
  }

  /** Browsers keep six connections to a service: with a feed each, the seventh would hang. */
  @Test
  void tenWindowsShareOneFeed() {
    Loads loads = site.loads();
    UUID batch = loads.open("windows", "1");
    List<String> windows = new ArrayList<>();
    for (int n = 0; n < 10; n++) {
      windows.add(browser.openWindow());
      browser.open(n % 2 == 0 ? "/ui?table=windows" : "/ui/batches/" + batch);
      browser.awaitSeen("#connection[data-state=live]");
    }

    loads.send(batch, started("a.csv"), failed("b.csv", "bad-date"));

    for (String window : windows) {
      browser.driver().switchTo().window(window);
      browser.await(
          "the failure",
          () ->
              browser.text("#failed").equals("1")
                  || browser.text(row(batch) + " .failed-cell").equals("1"));
      assertThat(browser.script("return document.visibilityState")).isEqualTo("visible");
    }
    assertThat(site.feeds()).isEqualTo(1);
  }

  @Test
  void hiddenTabHoldsNoFeedAndIsFreshWhenSeenAgain() {
    Loads loads = site.loads();
    UUID batch = loads.open("hidden", "1");
    browser.open("/ui/batches/" + batch);
    browser.awaitSeen("#connection[data-state=live]");
    keep();
    String first = browser.tab();
    browser.await("its feed", () -> site.feeds() == 1);

    browser.openTab();
    browser.await("no feed", () -> site.feeds() == 0);
    loads.send(batch, completed("a.csv", 42));
    browser.showTab(first);

    browser.awaitText("#rows", "42");
    browser.await("its feed", () -> site.feeds() == 1);
    assertKept();
  }

  @Test
  void batchIsSeenThatIsLoadedThroughAnotherNode() throws Exception {
    AuditHome home = site.home();
    try (AuditHome other = new AuditHome(site.folder("other"))) {
      ServiceProcess node =
          other.serve(
              Map.of(
                  "AUDIT_NODE", "two",
                  "AUDIT_ADMIN_KEY_FILE", home.data().resolve("admin.key").toString(),
                  "AUDIT_DB", home.cluster().url("audit_service", home.cluster().port()),
                  "AUDIT_DB_OWNER", home.cluster().url("audit_owner", home.cluster().port())));
      browser.open("/ui?table=elsewhere");
      browser.awaitText("#empty", "No batch fits");
      browser.awaitSeen("#connection[data-state=live]");
      keep();
      try (AuditCalls there = AuditClient.builder().url(node.url()).key(home.key()).calls()) {
        Loads loads = new Loads(there);

        UUID batch = loads.open("elsewhere", "1");

        browser.awaitSeen(row(batch) + "[data-status=PENDING]");
        loads.send(batch, started("a.csv"), failed("b.csv", "bad-date"));
        browser.awaitSeen(row(batch) + "[data-status=RUNNING]");
        browser.awaitText(row(batch) + " .failed-cell", "1");
        loads.status(batch, 1, BatchStatus.FAILED);
        browser.awaitSeen("[data-group=attention] " + row(batch) + "[data-status=FAILED]");
        assertKept();
      }
    }
  }
}
