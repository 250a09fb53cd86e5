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
  private static UUID late;
  private static UUID large;
  private static Browser browser;

  @BeforeAll
  static void fill() throws Exception {
    site = Site.start(folder);
    Shop shop = new Shop(site);
    small = shop.fill();
    late = shop.late();
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
    browser.awaitSeen("#files [data-file]");
    open("/ui/health");
    browser.awaitText("#store", "Reachable");
    open("/ui");
    browser.awaitSeen("tr[data-batch]");

    assertThat(browser.requestsElsewhere()).isEmpty();
    assertThat(browser.complaints()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT_WIDE", "DARK_NARROW"})
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
  @EnumSource(names = {"LIGHT_WIDE", "DARK_NARROW"})
  void batches(Look look) {
    browser.look(look);
    open("/ui");
    browser.awaitSeen("tr[data-overdue=municipios]");
    browser.awaitSeen("[data-group=attention] tr[data-status=TIMED_OUT]");
    browser.awaitSeen("[data-group=attention] tr[data-status=SILENT]");
    browser.awaitSeen("[data-group=attention] tr[data-status=STALLED]");
    browser.awaitSeen("tr[data-batch='" + large + "']");
    look(browser, "batches");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT_WIDE", "DARK_NARROW"})
  void everyPartOfABatch(Look look) {
    browser.look(look);
    for (String part : PARTS) {
      open("/ui/batches/" + small + "#" + part);
      browser.awaitSeen("#throughput canvas");
      browser.awaitSeen("#failures [data-error]");
      browser.awaitSeen("[data-part=" + part + "]");
      switch (part) {
        case "files" -> browser.awaitSeen("#files [data-file]");
        case "reconciliation" -> browser.awaitSeen("#reconciliation [data-finding]");
        case "sub-batches" -> browser.awaitSeen("#sub-batches [data-batch]");
        case "verdicts" -> browser.awaitText("#verdicts", "No verdict yet");
        default -> browser.awaitSeen("#refused [data-refused]");
      }
      look(browser, "batch-" + part);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT_WIDE", "DARK_NARROW"})
  void verdictsWithTheirEvidence(Look look) {
    browser.look(look);
    open("/ui/batches/" + late + "#verdicts");
    browser.awaitSeen("#verdicts [data-reason=IDLE]");
    look(browser, "verdicts");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT_WIDE", "DARK_NARROW"})
  void batchOfManyFiles(Look look) {
    browser.look(look);
    open("/ui/batches/" + large);
    browser.awaitSeen("#failures [data-error]");
    browser.awaitSeen("#files [data-file]");
    look(browser, "large");

    open("/ui/batches/" + large + "#files?status=FAILED");
    browser.awaitSeen("#files [data-status=FAILED]");
    browser.awaitSeen("#failures [data-error]");
    look(browser, "large-failed");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT_WIDE", "DARK_NARROW"})
  void detailsOfAFileAndAQuestion(Look look) {
    browser.look(look);
    open("/ui/batches/" + small + "#files?status=FAILED");
    browser.click("#files [data-file]");
    browser.awaitSeen("dialog#file .facts");
    look(browser, "file");
    browser.click("#file [data-action=close]");
    browser.click("[data-action=cancel]");
    browser.awaitSeen("dialog[data-dialog=cancel] #remark");
    look(browser, "question");
    browser.click("[data-answer=no]");
  }

  @ParameterizedTest
  @EnumSource(names = {"LIGHT_WIDE", "DARK_NARROW"})
  void health(Look look) {
    browser.look(look);
    open("/ui/health");
    browser.awaitText("#store", "Reachable");
    browser.awaitSeen("[data-expectation=municipios]");
    look(browser, "health");
  }
}
