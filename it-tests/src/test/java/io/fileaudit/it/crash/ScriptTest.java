package io.fileaudit.it.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.it.crash.Script.Request;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScriptTest {
  private static final int MANY = 300;

  private static List<Script> drawn() {
    Random lot = new Random(7);
    return Stream.generate(() -> Script.draw(lot)).limit(MANY).toList();
  }

  private static List<Line> lines(Script script) {
    return script.requests().stream().flatMap(request -> request.lines().stream()).toList();
  }

  @Test
  void sameSeedDrawsTheSame() {
    assertThat(drawn()).isEqualTo(drawn());
  }

  @Test
  void batchesHaveIdsOfTheirOwn() {
    assertThat(drawn()).extracting(Script::batch).doesNotHaveDuplicates();
    assertThat(drawn()).allMatch(script -> script.batch().version() == 4);
  }

  @Test
  void thirdOfThemIsAbandoned() {
    assertThat(drawn()).filteredOn(Script::abandoned).hasSizeBetween(MANY / 4, MANY / 2);
  }

  @Test
  void finishedOnesSendEveryEventOfEveryFile() {
    assertThat(drawn())
        .filteredOn(script -> !script.abandoned())
        .allSatisfy(
            script ->
                assertThat(
                        lines(script).stream().map(Line::key).filter(Objects::nonNull).distinct())
                    .hasSize(3 * script.files()));
  }

  @Test
  void someLinesAreRepeatedAndSomeAreBad() {
    List<Line> all = drawn().stream().flatMap(script -> lines(script).stream()).toList();

    assertThat(all).filteredOn(line -> line.key() == null).hasSizeGreaterThan(MANY / 4);
    long repeats =
        drawn().stream()
            .map(ScriptTest::lines)
            .mapToLong(lines -> lines.size() - lines.stream().distinct().count())
            .sum();
    assertThat(repeats).isBetween(all.size() / 50L, all.size() / 10L);
  }

  @Test
  void someRequestsAreSentTwiceAndSomeBrokenOff() {
    List<Request> all = drawn().stream().flatMap(script -> script.requests().stream()).toList();

    assertThat(all).filteredOn(Request::twice).hasSizeBetween(all.size() / 20, all.size() / 8);
    assertThat(all).filteredOn(Request::vanishes).hasSizeBetween(all.size() / 50, all.size() / 15);
  }

  /** Kafka numbers records by itself, so that a loader's own positions would say nothing. */
  @Test
  void eventsThatGoByKafkaHaveIds() {
    Random lot = new Random(7);
    List<Script> byKafka =
        Stream.generate(() -> Script.draw(lot, Script.Size.LONG, true)).limit(20).toList();

    assertThat(byKafka).allMatch(script -> script.producer() == null && script.byKafka());
    assertThat(byKafka.stream().flatMap(script -> lines(script).stream()))
        .filteredOn(line -> line.key() != null)
        .allMatch(line -> line.text().contains("\"id\":\"" + line.key() + "\""));
  }

  @Test
  void someFinishedBatchesHideNothing() {
    assertThat(drawn())
        .filteredOn(
            script ->
                !script.abandoned()
                    && lines(script).stream()
                        .noneMatch(line -> line.key() == null || line.text().contains("FAILED")))
        .hasSizeGreaterThan(MANY / 10);
  }
}
