package io.fileaudit.it.browser;

import static io.fileaudit.it.browser.Loads.completed;
import static io.fileaudit.it.browser.Loads.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** One batch: its 100,000 files, and what those who may can do to it. */
@NeedsBrowser
@Timeout(180)
class BatchPageIT {
  private static final int FILES = 100_000;
  private static final int FAILURES = 100;

  @TempDir static Path folder;
  private static Site site;
  private static UUID large;
  private Browser browser;

  @BeforeAll
  static void serve() throws Exception {
    site = Site.start(folder);
    large = site.loads().many("large", "1", FILES, FAILURES);
  }

  @AfterAll
  static void end() {
    site.close();
  }

  @BeforeEach
  void open() throws Exception {
    browser = site.browser("/ui/session");
  }

  @AfterEach
  void close() {
    browser.close();
  }

  private void openBatch(UUID batch, String part) {
    browser.open("/ui/batches/" + batch + part);
    browser.awaitSeen("#connection[data-state=live]");
    browser.awaitSeen("#batch-status");
  }

  private static Snapshot snapshot(UUID batch) {
    return Loads.now(site.client().snapshot(batch));
  }

  private static String file(int number) {
    return "part-%03d/%07d.csv".formatted(number / 1000, number);
  }

  private void awaitRow(int index) {
    browser.awaitSeen("#files [data-index='%d'][data-file='%s']".formatted(index, file(index)));
  }

  /**
   * Scrolls as far as there is anything, again and again; few rows are in the document meanwhile.
   */
  @Test
  void hundredThousandFilesAreScrolled() {
    openBatch(large, "");
    awaitRow(0);
    browser.awaitText("#files-summary", "100,000 files");
    browser.script(
        """
        const box = document.getElementById("files-scroll");
        window.most = 0;
        window.down = setInterval(() => {
          box.scrollTop = box.scrollHeight;
          window.most = Math.max(window.most, box.querySelectorAll("[data-index]").length);
        }, 20);
        """);

    browser.await(
        "the last file",
        Duration.ofSeconds(90),
        () -> browser.all("#files [data-file='" + file(FILES - 1) + "']").size() == 1);
    browser.script("clearInterval(window.down)");

    awaitRow(FILES - 1);
    assertThat((long) browser.script("return window.most")).isLessThan(60);
    assertThat(browser.find("#files").getAttribute("aria-rowcount")).isEqualTo("100001");
    browser.script("document.getElementById('files-scroll').scrollTop = 32 * 50_000");
    awaitRow(50_005);
    browser.script("document.getElementById('files-scroll').scrollTop = 0");
    awaitRow(0);
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void filesAreFoundAmongAllAndTheSearchSurvivesAReload() {
    openBatch(large, "");
    browser.find("#file-search").sendKeys("0099999.");
    browser.await("that file", () -> browser.all("#files [data-file]").size() == 1);
    browser.reload();

    browser.await("that file", () -> browser.all("#files [data-file]").size() == 1);
    assertThat(browser.path()).isEqualTo("/ui/batches/" + large + "#files?q=0099999.");
    assertThat(browser.find("#file-search").getAttribute("value")).isEqualTo("0099999.");
    browser.awaitSeen("#files [data-file='" + file(99_999) + "'][data-status=FAILED]");
  }

  @Test
  void clickOnAnErrorShowsItsFiles() {
    openBatch(large, "");
    browser.click("#failures [data-error=corrupt-archive]");

    browser.await(
        "its address",
        () ->
            browser
                .path()
                .equals("/ui/batches/" + large + "#files?status=FAILED&error=corrupt-archive"));
    browser.awaitText("#files-summary", "33 files");
    browser.awaitSeen("#failures [data-error=corrupt-archive][aria-current]");
    browser.awaitSeen("[data-action=filter-state][data-value=FAILED][aria-pressed=true]");
    browser.click("[data-action=clear-error]");
    browser.awaitText("#files-summary", "100 files");
  }

  @Test
  void keysGoThroughFiles() {
    openBatch(large, "");
    awaitRow(0);
    browser.press("f");
    browser.await(
        "failures", () -> browser.path().equals("/ui/batches/" + large + "#files?status=FAILED"));
    browser.awaitText("#files-summary", "100 files");

    browser.press("jjjk");
    browser.awaitSeen("#files .active[data-index='1']");
    browser.press(Keys.ENTER);

    browser.awaitText("dialog#file", file(1999));
    browser.press(Keys.ESCAPE);
    browser.await("no details", () -> browser.all("dialog#file").isEmpty());
  }

  @Test
  void downloadsHoldEveryFile() throws Exception {
    Path downloads = site.folder("downloads");
    browser.cdp(
        "Browser.setDownloadBehavior",
        Map.of("behavior", "allow", "downloadPath", downloads.toString()));
    openBatch(large, "");

    browser.click("[data-action=download-csv]");
    List<String> csv = downloaded(downloads.resolve("files-large-1.csv"));
    browser.click("[data-action=download-ndjson]");
    List<String> ndjson = downloaded(downloads.resolve("files-large-1.ndjson"));
    browser.click("[data-action=filter-state][data-value=FAILED]");
    browser.awaitText("#files-summary", "100 files");
    browser.click("[data-action=download-csv]");
    List<String> failed = downloaded(downloads.resolve("files-large-1-failed.csv"));

    assertThat(csv).hasSize(FILES + 1);
    assertThat(csv.get(FILES)).contains(file(FILES - 1));
    assertThat(ndjson).hasSize(FILES);
    assertThat(ndjson.get(FILES - 1)).startsWith("{").contains(file(FILES - 1));
    assertThat(failed).hasSize(FAILURES + 1);
  }

  /** The browser writes under another name and moves it when it is whole. */
  private List<String> downloaded(Path file) {
    browser.await(
        "the download of " + file.getFileName(), Duration.ofSeconds(60), () -> isWhole(file));
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isWhole(Path file) {
    try {
      return Files.exists(file) && Files.size(file) > 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void batchIsCancelledAndResumed() {
    UUID batch = site.loads().open("steered", "1");
    site.loads().send(batch, started("a.csv"));
    openBatch(batch, "#verdicts");

    browser.click("[data-action=cancel]");
    browser.click("dialog[data-dialog=cancel] [data-answer=no]");
    assertThat(snapshot(batch).status()).isEqualTo(BatchStatus.RUNNING);
    browser.click("[data-action=cancel]");
    browser.find("#remark").sendKeys("wrong month", Keys.ENTER);
    browser.awaitSeen("#batch-status[data-status=CANCELLED]");
    browser.awaitText("#verdicts [data-status=CANCELLED]", "wrong month");
    browser.awaitText("#seal[data-sealed=true]", "sealed is not verified");
    assertThat(browser.all("[data-action=cancel]:not([hidden])")).isEmpty();
    browser.click("[data-action=resume]");
    browser.click("dialog[data-dialog=resume] [data-answer=yes]");

    browser.awaitText(".about", "run 2");
    browser.awaitSeen("#batch-status[data-status=RUNNING]");
    browser.awaitText("#verdicts [data-reason=RESUMED]", "run 2");
    assertThat(snapshot(batch).run()).isEqualTo(2);
  }

  @Test
  void limitIsGivenAnHourMore() {
    UUID batch =
        site.loads()
            .open(
                BatchSpec.builder()
                    .table("slow")
                    .limit(LimitName.OPERATION, Limit.endAfter(Duration.ofHours(3)))
                    .limit(LimitName.IDLE, Limit.endAfter(Duration.ofMinutes(20))));
    site.loads().send(batch, started("a.csv"));
    openBatch(batch, "");

    browser.click("[data-action=more-time][data-limit=idle]");

    browser.awaitText("#note", "The idle limit is 1h20m now.");
    browser.awaitText("li[data-limit=idle]", "of 1h20m");
    assertThat(Objects.requireNonNull(snapshot(batch).limits().get("idle")).after())
        .isEqualTo(Duration.ofMinutes(80));
  }

  @Test
  void refusedEventsAreReplayedAndDismissed() {
    UUID batch = site.loads().open("refused", "1");
    site.loads().status(batch, 1, BatchStatus.FAILED);
    site.loads()
        .lines(
            batch,
            "{\"type\":\"COMPLETED\",\"file\":\"a.csv\",\"rows\":42}",
            "no event",
            "none either",
            "{\"type\":\"COMPLETED\",\"file\":\"b.csv\",\"rows\":1}");
    Loads.now(site.client().status(batch, 1, BatchStatus.RUNNING, null));
    openBatch(batch, "#refused");

    browser.click("[data-refused='1'] [data-action=replay]");
    browser.awaitText("#note", "1 event taken.");
    browser.awaitSeen("[data-refused='1'][data-resolution=replayed]");
    browser.awaitText("#rows", "42");
    browser.click("[data-refused='2'] [data-action=replay]");
    browser.awaitText("#note", "not readable as JSON");
    browser.click("[data-refused='2'] [data-action=dismiss]");
    browser.click("dialog[data-dialog=dismiss] [data-answer=yes]");
    browser.awaitSeen("[data-refused='2'][data-resolution=dismissed]");
    browser.click("[data-action=replay-all]");
    browser.awaitText("#note", "1 event taken, 1 refused again: not readable as JSON");
    browser.awaitSeen("[data-refused='4'][data-resolution=replayed]");
    browser.awaitText("#rows", "43");
    browser.click("[data-action=dismiss-all]");
    browser.click("dialog[data-dialog=dismiss] [data-answer=yes]");
    browser.awaitSeen("[data-refused='3'][data-resolution=dismissed]");
    browser.awaitText("#refused-events", "0");

    assertThat(snapshot(batch).totals().refused()).isZero();
  }

  @Test
  void whoMayOnlyReadIsOfferedNothingElse() throws Exception {
    UUID batch = site.loads().open("looked-at", "1");
    site.loads().send(batch, completed("a.csv", 1));
    site.loads().lines(batch, "no event");
    try (Browser reader = site.reader("default", "/ui/batches/" + batch + "#refused")) {
      reader.awaitSeen("#refused [data-refused]");
      reader.awaitText("#who", "reader-of-default");
      reader.awaitSeen("li[data-limit=idle][data-share]");

      assertThat(reader.all(offered("cancel", "resume", "more-time", "replay", "dismiss")))
          .isEmpty();
      assertThat(reader.all(offered("replay-all", "dismiss-all"))).isEmpty();
      site.loads().status(batch, 1, BatchStatus.FAILED);
      reader.awaitSeen("#batch-status[data-status=FAILED]");
      assertThat(reader.all(offered("resume"))).isEmpty();
      reader.click("[data-tab=files]");
      reader.awaitSeen("[data-action=download-csv]");
    }
  }

  /** Those buttons, unless they or what they are in is hidden. */
  private static String offered(String... actions) {
    return List.of(actions).stream()
        .map("[data-action=%s]:not([hidden], [hidden] *)"::formatted)
        .reduce((one, other) -> one + "," + other)
        .orElseThrow();
  }

  @Test
  void batchThatIsNotThereIsSaidToBe() {
    browser.open("/ui/batches/" + UUID.randomUUID());

    browser.awaitText("#batch-title", "No such batch");
    assertThat(browser.find("#problem").isDisplayed()).isTrue();
  }
}
