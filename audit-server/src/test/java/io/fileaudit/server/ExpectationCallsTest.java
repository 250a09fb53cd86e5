package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** When a table is due, and that it is overdue where nothing was ever opened. */
class ExpectationCallsTest {
  private static final long PATIENCE_NANOS = 20_000_000_000L;
  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String fresh() {
    return "t-" + UUID.randomUUID();
  }

  private static Answer put(String table, String json) {
    return node.send("PUT", "/api/v1/expectations/" + table, json);
  }

  private static Answer awaitTables(String query, String pointer, boolean present) {
    Answer tables = node.get("/api/v1/tables?" + query).is(200);
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (tables.json().at(pointer).isMissingNode() == present && System.nanoTime() < end) {
      tables = node.get("/api/v1/tables?" + query).is(200);
    }
    return tables;
  }

  @Test
  void scheduleIsReadInItsTimeZone() {
    String table = fresh();
    Answer set =
        put(
                table,
                "{\"schedule\":\"30 6 * * *\",\"zone\":\"America/Sao_Paulo\",\"grace\":\"PT2H\"}")
            .is(200);

    ZonedDateTime due =
        Instant.parse(set.at("/next_due_at")).atZone(ZoneId.of("America/Sao_Paulo"));
    assertThat(due.getHour()).isEqualTo(6);
    assertThat(due.getMinute()).isEqualTo(30);
    assertThat(due.toInstant()).isAfter(Instant.now());
    assertThat(set.at("/grace")).isEqualTo("PT2H");
    assertThat(node.get("/api/v1/expectations/" + table).is(200).body()).isEqualTo(set.body());
    assertThat(node.get("/api/v1/expectations").is(200).items("table")).contains(table);
    node.send("DELETE", "/api/v1/expectations/" + table, "").is(204);
    node.send("DELETE", "/api/v1/expectations/" + table, "").isProblem(404, "not-found");
    node.get("/api/v1/expectations/" + table).isProblem(404, "not-found");
  }

  @Test
  void tableThatNobodyOpenedIsOverdueInListsAndOnceInTheLog() {
    Logger logger = (Logger) LoggerFactory.getLogger("io.fileaudit.expectations");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      String table = fresh();
      put(table, "{\"schedule\":\"* * * * * *\"}").is(200);

      Answer late = awaitTables("table=" + table, "/overdue/0", true);
      assertThat(late.json().at("/overdue/0/table").asString()).isEqualTo(table);
      assertThat(late.json().at("/items").size()).isZero();
      Answer only = node.get("/api/v1/tables?status=overdue&table=" + table).is(200);
      assertThat(only.json().at("/overdue").size()).isEqualTo(1);
      assertThat(
              node.get("/api/v1/tables?status=failed&table=" + table).json().at("/overdue").size())
          .isZero();
      assertThat(node.get("/api/v1/expectations?overdue=true").items("table")).contains(table);

      put(table, "{\"schedule\":\"0 0 1 1 *\"}").is(200);
      List<String> lines =
          List.copyOf(log.list).stream()
              .map(ILoggingEvent::getFormattedMessage)
              .filter(line -> line.contains(table))
              .toList();
      assertThat(lines).isNotEmpty().doesNotHaveDuplicates();
      assertThat(lines.get(0)).contains("OVERDUE").contains("none was opened");
    } finally {
      logger.detachAppender(log);
    }
  }

  @Test
  void tableIsOverdueNoMoreWhenABatchIsOpened() {
    String table = fresh();
    put(table, "{\"schedule\":\"* * * * * *\"}").is(200);
    awaitTables("table=" + table, "/overdue/0", true);
    // As if it were a schedule of once a year from here on: what was missed stays missed.
    node.opened("{\"table\":\"" + table + "\"}");

    Answer tables = node.get("/api/v1/expectations/" + table).is(200);
    assertThat(tables.json().at("/overdue_since").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|schedule",
        "{\"schedule\":\"at noon\"}|schedule is \"at noon\"",
        "{\"schedule\":\"99 * * * *\"}|schedule",
        "{\"schedule\":\"0 0 30 2 *\"}|never due",
        "{\"schedule\":\"0 6 * * *\",\"zone\":\"Mars\"}|zone is \"Mars\"",
        "{\"schedule\":\"0 6 * * *\",\"grace\":\"-PT1S\"}|grace",
        "{\"schedule\":\"0 6 * * *\",\"grace\":\"1h\"}|grace",
        "{\"schedule\":\"0 6 * * *\",\"graze\":\"PT1H\"}|graze",
      })
  void whatIsWrongIsNamed(String json, String named) {
    assertThat(put(fresh(), json).isProblem(422, "invalid-request").at("/detail")).contains(named);
  }
}
