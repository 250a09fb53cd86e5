package io.fileaudit.it.browser;

import static io.fileaudit.it.browser.Loads.completed;
import static io.fileaudit.it.browser.Loads.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The list of batches: found, filtered, gone through by keys, and still where one points. */
@NeedsBrowser
@Timeout(180)
class BatchesPageIT {
  private static final String ROWS = "#batches tr[data-batch]";

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

  private static String row(UUID batch) {
    return "tr[data-batch='" + batch + "']";
  }

  private List<?> order() {
    return (List<?>)
        browser.script(
            "return [...document.querySelectorAll('#batches tr[data-batch]')].map(row => row.dataset.batch)");
  }

  private void awaitRows(UUID... wanted) {
    List<String> ids = List.of(wanted).stream().map(UUID::toString).toList();
    browser.await("rows " + ids, () -> order().equals(ids));
  }

  private List<?> places() {
    return (List<?>)
        browser.script(
            "return [...document.querySelectorAll('#batches tr[data-batch]')]"
                + ".map(row => `${row.dataset.batch} ${row.getBoundingClientRect().top}`)");
  }

  private UUID ended(String table, String period, BatchStatus status) {
    UUID batch = site.loads().open(table, period);
    site.loads().status(batch, 1, status);
    return batch;
  }

  @Test
  void filtersAreInTheAddressAndSurviveAReload() {
    UUID wanted = ended("filtered", "2024-05", BatchStatus.FAILED);
    UUID april = ended("filtered", "2024-04", BatchStatus.FAILED);
    UUID cancelled = ended("filtered", "2024-05", BatchStatus.CANCELLED);
    ended("unfiltered", "2024-05", BatchStatus.FAILED);
    browser.open("/ui");

    browser.find("#filter-table").sendKeys("filtered");
    awaitRows(april, wanted, cancelled);
    browser.click("[data-value=FAILED]");
    awaitRows(april, wanted);
    browser.find("#search").sendKeys("4-05");
    awaitRows(wanted);
    String path = browser.path();
    browser.reload();

    awaitRows(wanted);
    assertThat(path).isEqualTo("/ui?status=FAILED&table=filtered&q=4-05");
    assertThat(browser.path()).isEqualTo(path);
    assertThat(browser.find("#search").getAttribute("value")).isEqualTo("4-05");
    assertThat(browser.find("#filter-table").getAttribute("value")).isEqualTo("filtered");
    browser.awaitSeen("[data-value=FAILED][aria-pressed=true]");
    browser.click("[data-action=clear-filters]");
    browser.await("the plain list", () -> browser.path().equals("/ui"));
    browser.driver().navigate().back();
    awaitRows(wanted);
  }

  @Test
  void newBatchesWaitBehindAButton() {
    UUID first = site.loads().open("arriving", "1");
    browser.open("/ui?table=arriving");
    awaitRows(first);
    browser.pointAt(row(first));
    List<?> before = places();

    UUID second = site.loads().open("arriving", "2");
    UUID third = site.loads().open("arriving", "3");
    browser.awaitText("#new-batches", "2 new batches");
    assertThat(places()).isEqualTo(before);
    browser.click("#new-batches");

    awaitRows(third, second, first);
    browser.await("no button", () -> browser.all("#new-batches[hidden]").size() == 1);
  }

  @Test
  void nothingMovesUnderThePointer() {
    UUID fails = site.loads().open("moving", "1");
    UUID stays = site.loads().open("moving", "2");
    browser.open("/ui?table=moving");
    awaitRows(stays, fails);
    browser.pointAt(row(stays));
    List<?> before = places();

    site.loads().status(fails, 1, BatchStatus.FAILED);
    browser.awaitText("#new-batches", "new order");
    browser.awaitSeen(row(fails) + "[data-status=FAILED]");
    assertThat(places()).isEqualTo(before);
    browser.pointAt("h1");

    browser.awaitSeen("[data-group=attention] " + row(fails));
    awaitRows(fails, stays);
  }

  @Test
  void keysGoThroughTheList() {
    UUID older = site.loads().open("keys", "1");
    UUID newer = site.loads().open("keys", "2");
    browser.open("/ui?table=keys");
    awaitRows(newer, older);

    browser.press("/");
    assertThat(browser.driver().switchTo().activeElement().getAttribute("id")).isEqualTo("search");
    browser.press("?jk");
    assertThat(browser.find("#search").getAttribute("value")).isEqualTo("?jk");
    browser.press(Keys.BACK_SPACE, Keys.BACK_SPACE, Keys.BACK_SPACE, Keys.ESCAPE);
    awaitRows(newer, older);
    browser.press("?");
    assertThat(browser.find("dialog#help").getText()).contains("failures");
    browser.press(Keys.ESCAPE);
    browser.await("no help", () -> browser.all("dialog#help[open]").isEmpty());
    browser.press("jjkj", Keys.ENTER);

    browser.await("the older one", () -> browser.path().equals("/ui/batches/" + older));
    browser.awaitText("#batch-title", "keys 1");
    browser.driver().navigate().back();
    awaitRows(newer, older);
    browser.press("f");
    browser.await(
        "failures",
        () -> browser.path().equals("/ui?status=FAILED,INCOMPLETE,TIMED_OUT&table=keys"));
    browser.awaitText("#empty", "No batch fits");
  }

  @Test
  void overdueTableComesFirst() throws Exception {
    UUID failed = ended("late", "1", BatchStatus.FAILED);
    site.expect("overdue");
    browser.open("/ui");
    browser.awaitSeen(row(failed));

    browser.await(
        "the overdue table above the failed batch",
        () ->
            Boolean.TRUE.equals(
                browser.script(
                    "return document.querySelector('#batches [data-group=attention] tr[data-overdue=overdue]') === "
                        + "document.querySelector('#batches [data-group=attention] tr:not(.group-title)')")));

    assertThat(browser.text("tr[data-overdue=overdue]")).contains("OVERDUE · nothing opened for");
  }

  @Test
  void olderBatchesComeWhenTheyAreAskedFor() {
    for (int n = 0; n < 101; n++) {
      site.loads().open("aged", "%03d".formatted(n));
    }
    browser.open("/ui?table=aged");
    browser.await("a page", () -> browser.all(ROWS).size() == 100);
    browser.awaitText("#summary", "100+ shown");

    browser.click("[data-action=more]");

    browser.await("all", () -> browser.all(ROWS).size() == 101);
    assertThat(browser.all("[data-action=more][hidden]")).hasSize(1);
  }

  @Test
  void hostileNamesAreTextAndRunNothing() {
    String script = "<script>window.hacked=1</script>";
    String image = "\"><img src=x onerror=window.hacked=1>";
    String turned = "invoice-\u202Efdp.exe";
    String link = "javascript:window.hacked=1";
    String longest = "<b>" + "x".repeat(1021);
    UUID batch =
        site.loads()
            .open(
                BatchSpec.builder()
                    .name(script)
                    .table(image)
                    .period(turned)
                    .label(link, image)
                    .label("long", "y".repeat(190)));
    site.loads()
        .send(
            batch,
            FileEvent.of(EventType.FAILED, image).error(script, image).build(),
            FileEvent.of(EventType.FAILED, longest).error(image, script.repeat(20)).build(),
            completed(turned, 1),
            started(link),
            started("__proto__"));
    site.loads().lines(batch, script, image);
    browser.look(Look.LIGHT_NARROW);

    browser.open("/ui");
    WebElement name = browser.find(row(batch) + " [data-row-link]");
    assertThat(name.getText()).isEqualTo(script);
    assertThat(browser.text(row(batch)))
        .contains(image + " " + turned.replace("\u202E", "⟨U+202E⟩"));
    assertHarmless();
    browser.open("/ui/batches/" + batch);
    browser.awaitText("#batch-title", script);
    browser.await("the files", () -> browser.all("#files [data-file]").size() == 5);
    browser.awaitText("#failures", script);
    assertThat(files()).containsExactlyInAnyOrder(image, longest, turned, link, "__proto__");
    assertHarmless();
    browser.screenshot("hostile");
    browser.open("/ui/batches/" + batch + "#files?status=FAILED&q=xxx");
    browser.await("one file", () -> browser.all("#files [data-file]").size() == 1);
    browser.click("#files [data-file]");
    browser.awaitText("dialog#file", longest);
    assertHarmless();
    browser.screenshot("hostile-file");
    browser.press(Keys.ESCAPE);
    browser.open("/ui/batches/" + batch + "#refused");
    browser.awaitText("#refused", script);
    assertHarmless();
    browser.look(Look.LIGHT_WIDE);
    browser.open("/ui?table=" + URLEncoder.encode(image, StandardCharsets.UTF_8));
    browser.awaitSeen(row(batch));
    assertHarmless();
    browser.screenshot("hostile-batches");
    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.requestsElsewhere()).isEmpty();
  }

  private List<String> files() {
    List<?> names =
        (List<?>)
            browser.script(
                "return [...document.querySelectorAll('#files [data-file]')].map(row => row.dataset.file)");
    return names.stream().map(String::valueOf).toList();
  }

  private void assertHarmless() {
    assertThat(browser.script("return window.hacked")).isNull();
    assertThat(browser.all("#view img, #view script, #view b > b, dialog img, dialog script"))
        .isEmpty();
    assertThat(browser.all("a[href^='javascript:']")).isEmpty();
    assertThat(browser.script("return document.documentElement.scrollWidth <= innerWidth"))
        .isEqualTo(true);
  }
}
