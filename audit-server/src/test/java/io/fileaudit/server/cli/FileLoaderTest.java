package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.client.DeliveryReport;
import io.fileaudit.api.event.EventError;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.r2dbc.load.TableName;
import io.fileaudit.r2dbc.load.TargetException;
import io.fileaudit.server.cli.load.LoadFile;
import io.fileaudit.server.cli.load.RowFormat;
import io.fileaudit.server.cli.scan.CsvNames;
import io.fileaudit.server.cli.scan.FileSelection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One file after the other, with a database that does what it should not. */
@Timeout(30)
class FileLoaderTest {
  @TempDir Path directory;

  private final ScriptedTarget target = new ScriptedTarget();
  private final Recorded reporter = new Recorded();

  @Test
  void rowsThatTheDatabaseRefusesAreLeftOutAndAllOthersGoIn() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int line = 1; line <= 300; line++) {
      String kind = line % 100 == 7 ? "bad" : line % 150 == 20 ? "late" : "good";
      text.append(line).append(',').append(kind).append('\n');
    }

    load("a.csv", text.toString(), 10);

    assertThat(target.rows).hasSize(295).allMatch(row -> row.endsWith("good"));
    assertThat(target.rows.stream().map(row -> Integer.valueOf(row.split("\t")[0])))
        .as("in their order")
        .isSorted();
    FileEvent ended = reporter.last();
    assertThat(ended.type()).isEqualTo(EventType.COMPLETED);
    assertThat(ended.rows()).isEqualTo(295);
    assertThat(ended.rejectedRows()).isEqualTo(5);
    assertThat(ended.attributes().toString())
        .contains("line=7, code=bad-value", "line=20, code=constraint-violation", "line=207");
    assertThat(target.copies).as("few of them").isLessThan(50);
  }

  @Test
  void fileWithTooManyBadRowsFailsAndLeavesNothing() throws IOException {
    load("a.csv", "1,good\n2,bad\n3,good\n4,bad\n", 1);

    assertThat(target.rows).isEmpty();
    EventError error = reporter.last().error();
    assertThat(reporter.last().type()).isEqualTo(EventType.FAILED);
    assertThat(error.code()).isEqualTo("bad-rows");
    assertThat(error.message()).contains("more than 1 bad row", "line 2");
    assertThat(error.line()).isEqualTo(2);
  }

  @Test
  void databaseThatGoesAwayForAMomentIsWaitedForAndTheFileLoadedOnce() throws IOException {
    target.copiesCut = 1;
    target.connectionsRefused = 1;

    load("a.csv", "1,x\n", 0);

    assertThat(target.rows).containsExactly("1\tx");
    assertThat(reporter.types())
        .containsExactly(
            EventType.STARTED, EventType.FAILED, EventType.STARTED, EventType.COMPLETED);
    assertThat(reporter.events.get(1).error().code()).isEqualTo("database-away");
  }

  @Test
  void commitOfWhichNothingIsHeardIsLookedUpAndNotMadeAgain() throws IOException {
    target.commitsLost = 1;

    load("a.csv", "1,x\n", 0);

    assertThat(target.rows).containsExactly("1\tx");
    assertThat(reporter.last().type()).isEqualTo(EventType.COMPLETED);
    assertThat(reporter.last().rows()).isEqualTo(1);
  }

  @Test
  void databaseThatStaysAwayEndsTheLoad() {
    target.connectionsRefused = Integer.MAX_VALUE;

    assertThatThrownBy(() -> load("a.csv", "1,x\n", 0)).isInstanceOf(TargetException.Away.class);
    assertThat(reporter.types()).as("said once").containsExactly(EventType.FAILED);
  }

  @Test
  void fileThatWasLoadedInAnEarlierRunIsLeftOutUnlessItChanged() throws IOException {
    load("a.csv", "1,x\n", 0);
    reporter.completed = Set.of("a.csv");

    load("a.csv", "1,x\n", 0);
    assertThat(reporter.last().type()).isEqualTo(EventType.SKIPPED);
    assertThat(reporter.last().error().code()).isEqualTo("already-loaded");

    load("a.csv", "2,y\n", 0);
    assertThat(reporter.last().type()).isEqualTo(EventType.FAILED);
    assertThat(reporter.last().error().code()).isEqualTo("changed-since-loaded");
    assertThat(target.rows).containsExactly("1\tx");
  }

  @Test
  void fileThatWasLoadedIntoAnotherDatabaseIsNotLoadedHere() throws IOException {
    reporter.completed = Set.of("a.csv");

    load("a.csv", "1,x\n", 0);

    assertThat(reporter.last().error().code()).isEqualTo("not-noted");
    assertThat(target.rows).isEmpty();
  }

  private void load(String name, String text, long maxBadRows) throws IOException {
    Path path = Files.writeString(directory.resolve(name), text);
    LoadPlan plan =
        new LoadPlan(
            FileSelection.of(directory, List.of(name)),
            Set.of(name),
            CsvNames.matching(List.of()),
            RowFormat.USUAL,
            List.of(),
            TableName.parse("t"),
            false,
            1,
            maxBadRows);
    FileLoader.Shared shared =
        new FileLoader.Shared(
            target,
            ScriptedTarget.TABLE,
            plan,
            reporter.completed,
            reporter,
            new LoadProgress(TestConsole.silent(), System::nanoTime),
            Duration.ofMillis(1_500),
            new CountDownLatch(1),
            Clock.systemUTC());
    try (FileLoader loader = new FileLoader(shared)) {
      loader.load(new LoadFile.OnDisk(name, path));
    }
  }

  /** Keeps what is told. */
  private static final class Recorded implements LoadReporter {
    final List<FileEvent> events = new ArrayList<>();
    Set<String> completed = Set.of();

    FileEvent last() {
      return events.get(events.size() - 1);
    }

    List<EventType> types() {
      return events.stream().map(FileEvent::type).toList();
    }

    @Override
    public UUID batch() {
      return new UUID(0, 1);
    }

    @Override
    public int run() {
      return 1;
    }

    @Override
    public void report(FileEvent event) {
      events.add(event);
    }

    @Override
    public void alive() {}

    @Override
    public void flush() {}

    @Override
    public RuntimeException over() {
      return null;
    }

    @Override
    public DeliveryReport complete() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void fail(String message) {}

    @Override
    public void cancel(String message) {}
  }
}
