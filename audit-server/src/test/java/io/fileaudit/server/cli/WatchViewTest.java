package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.json.AuditJson;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WatchViewTest {
  private static final String ID = "0197a2c4-93d0-7c11-8a57-1d2a5f0c9e33";

  @Test
  void oneLineSaysWhereItStands() {
    assertThat(new WatchView(running(), 2.6, 51_000.4, null).line())
        .isEqualTo(
            "RUNNING  SILENT  run 2  8/10 files  1 failed  2 running  3 refused  31,584,020 rows"
                + "  51,000 rows/s  idle 3s of 10m00s");
  }

  @Test
  void aBlockAt80ColumnsHasABar() {
    assertThat(new WatchView(running(), 0, 51_000.0, "reconnecting …").block(79))
        .containsExactly(
            "empresa@2025-02  0197a2c4-93d0-7c11-8a57-1d2a5f0c9e33  empresa \\u001b[31m",
            "RUNNING  SILENT  run 2  8/10 files  1 failed  2 running  3 refused",
            "31,584,020 rows  51,000 rows/s  idle 0s of 10m00s  reconnecting …",
            "[" + "#".repeat(48) + ".".repeat(12) + "]  80 %");
  }

  @ParameterizedTest
  @ValueSource(ints = {19, 30, 39, 79, 200})
  void nothingIsWiderThanTheTerminalAndNothingIsLeftOut(int width) {
    for (Snapshot batch : List.of(running(), incomplete())) {
      List<String> block = new WatchView(batch, 0, 51_000.0, "reconnecting …").block(width);
      assertThat(block)
          .allSatisfy(
              line -> assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(width));
      assertThat(block.get(1)).startsWith(batch.status().name());
      assertThat(String.join(" ", block))
          .contains("8/10 files", "1 failed", "31,584,020 rows", "reconnecting …", "80 %");
    }
  }

  @Test
  void anEndedBatchSaysWhyAndHasNoClocks() {
    assertThat(new WatchView(incomplete(), 9, 51_000.0, null).line())
        .contains("INCOMPLETE", "took 1m01s", "REQUESTED, COMPLETED was asked for")
        .contains("because 1 failed, 2 unfinished")
        .contains("half a \\u001b[2J month")
        .doesNotContain("idle", "rows/s");
  }

  @Test
  void whereNothingIsExpectedThereIsNoBar() {
    Snapshot plain = snapshot("RUNNING", "null", 0, "null", "2026-11-23T14:01:02Z", 5);
    assertThat(new WatchView(plain, 0, null, null).line()).contains("8 files  1 failed");
    assertThat(new WatchView(plain, 0, null, null).block(79))
        .noneMatch(line -> line.startsWith("["));
  }

  @Test
  void rateIsOfTheLastHalfMinuteAndFallsWhileNothingComes() {
    RowRate rate = new RowRate();
    Instant begin = Instant.parse("2026-11-23T14:00:00Z");
    assertThat(rate.perSecond(1)).isNull();
    for (int second = 0; second <= 120; second += 10) {
      long rows = second <= 60 ? second * 1_000L : 60_000 + (second - 60) * 10L;
      rate.add(snapshot("RUNNING", "null", 10, "0.8", begin.plusSeconds(second).toString(), rows));
    }
    assertThat(rate.perSecond(0)).isEqualTo(10.0);
    assertThat(rate.perSecond(30)).isEqualTo(5.0);
  }

  private static Snapshot running() {
    return snapshot("RUNNING", "null", 10, "0.8", "2026-11-23T14:01:02Z", 31_464_020);
  }

  private static Snapshot incomplete() {
    String verdict =
        """
        {"status":"INCOMPLETE","requested":"COMPLETED","reason":"REQUESTED","run":2,"seq":9,
         "opened_at":"2026-11-23T14:00:00Z","decided_at":"2026-11-23T14:01:00Z","node":"n",
         "message":"half a \\u001b[2J month","findings":{"failed":1,"unfinished":2}}
        """;
    return snapshot("INCOMPLETE", verdict, 10, "0.8", "2026-11-23T14:01:02Z", 31_464_020);
  }

  private static Snapshot snapshot(
      String status, String verdict, int expected, String progress, String now, long rows) {
    boolean open = verdict.equals("null");
    return AuditJson.lenient()
        .readValue(
            """
            {"id":"%s","namespace":"default","name":"empresa \\u001b[31m","table":"empresa","period":"2025-02",
             "labels":{},"status":"%s","run":2,"flags":[%s],"verdict":%s,"version":812,
             "opened_at":"2026-11-23T14:00:00Z","now":"%s","elapsed_seconds":61.2,"idle_seconds":%s,
             "limits":{"idle":{"after":"PT10M","action":"end","left_seconds":599.6}},
             "totals":{"files":{"expected":%d,"running":2,"completed":7,"failed":1},
                       "rows":%d,"rows_in_flight":%d,"refused":3},"progress":%s}
            """
                .formatted(
                    ID,
                    status,
                    open ? "\"silent\"" : "",
                    verdict,
                    now,
                    open ? "0.4" : "null",
                    expected,
                    rows,
                    rows > 1_000_000 ? 120_000 : 0,
                    progress),
            Snapshot.class);
  }
}
