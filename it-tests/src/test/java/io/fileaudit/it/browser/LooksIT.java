package io.fileaudit.it.browser;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every view in every theme and size: for everybody, no wider than the screen, and with nothing
 * from elsewhere. The pictures are kept.
 */
@NeedsBrowser
@Timeout(180)
class LooksIT {
  private static final List<String> PARTS =
      List.of("files", "reconciliation", "sub-batches", "verdicts", "refused");

  @TempDir static Path folder;
  private static Site site;
  private static UUID small;
  private static UUID large;
  private static Browser browser;

  @BeforeAll
  static void fill() throws Exception {
    site = Site.start(folder);
    small = new Shop(site).fill();
    large = site.loads().many("lancamentos", "2024-05", 40_000, 300);
    browser = site.browser("/ui");
  }

  @AfterAll
  static void end() {
    try {
      browser.close();
    } finally {
      site.close();
    }
  }

  private static void look(Browser at, String name) {
    assertThat(at.findings()).as("findings of axe in " + name).isEmpty();
    assertThat(at.script("return document.documentElement.scrollWidth <= innerWidth"))
        .as("whether %s is no wider than the screen", name)
        .isEqualTo(true);
    at.screenshot(name);
  }

  /** Goes there as a browser that has not been there, so that nothing is left of another look. */
  private static void open(String path) {
    browser.open("/ui/login");
    browser.open(path);
  }

  @Test
  void nothingIsFetchedFromElsewhereAndNothingIsBroken() {
    open("/ui/batches/" + small);
    browser.find("#files [data-file]");
    open("/ui/health");
    browser.awaitText("#store", "Reachable");
    open("/ui");
    browser.find("tr[data-batch]");

    assertThat(browser.requestsElsewhere()).isEmpty();
    assertThat(browser.complaints()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void whereThereIsNothing(Look look) throws Exception {
    try (Browser reader = site.reader("nobody", "/ui")) {
      reader.look(look);
      reader.awaitText("#empty", "No batches yet");
      reader.awaitText("#curl", site.service().url() + "/api/v1/batches");
      look(reader, "batches-empty");
      assertThat(reader.requestsElsewhere()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void batches(Look look) {
    browser.look(look);
    open("/ui");
    browser.find("tr[data-overdue=municipios]");
    browser.find("[data-group=attention] tr[data-status=TIMED_OUT]");
    browser.find("[data-group=attention] tr[data-status=SILENT]");
    browser.find("[data-group=attention] tr[data-status=STALLED]");
    browser.find("tr[data-batch='" + large + "']");
    look(browser, "batches");
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void everyPartOfABatch(Look look) {
    browser.look(look);
    for (String part : PARTS) {
      open("/ui/batches/" + small + "#" + part);
      browser.find("#throughput canvas");
      browser.find("#failures [data-error]");
      browser.find("[data-part=" + part + "]");
      switch (part) {
        case "files" -> browser.find("#files [data-file]");
        case "reconciliation" -> browser.find("#reconciliation [data-finding]");
        case "sub-batches" -> browser.find("#sub-batches [data-batch]");
        case "verdicts" -> browser.awaitText("#verdicts", "No verdict yet");
        default -> browser.find("#refused [data-refused]");
      }
      look(browser, "batch-" + part);
    }
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void batchOfManyFiles(Look look) {
    browser.look(look);
    open("/ui/batches/" + large);
    browser.find("#failures [data-error]");
    browser.find("#files [data-file]");
    look(browser, "large");

    open("/ui/batches/" + large + "#files?status=FAILED");
    browser.find("#files [data-status=FAILED]");
    browser.find("#failures [data-error]");
    look(browser, "large-failed");
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void detailsOfAFileAndAQuestion(Look look) {
    browser.look(look);
    open("/ui/batches/" + small + "#files?status=FAILED");
    browser.click("#files [data-file]");
    browser.find("dialog#file .facts");
    look(browser, "file");
    browser.click("#file [data-action=close]");
    browser.click("[data-action=cancel]");
    browser.find("dialog[data-dialog=cancel] #remark");
    look(browser, "question");
    browser.click("[data-answer=no]");
  }

  @ParameterizedTest
  @EnumSource(Look.class)
  void health(Look look) {
    browser.look(look);
    open("/ui/health");
    browser.awaitText("#store", "Reachable");
    browser.find("[data-expectation=municipios]");
    look(browser, "health");
  }
}
