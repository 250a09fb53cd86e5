package io.fileaudit.api.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.StatusRequest;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchSpoolTest {
  private static final long PLENTY = 1 << 30;
  private static final SpooledBatch BATCH =
      new SpooledBatch(
          UUID.randomUUID(),
          "loader-1",
          "team",
          2,
          BatchSpec.builder()
              .table("empresa")
              .expectedFiles(3)
              .limit(LimitName.IDLE, Limit.endAfter(Duration.ofMinutes(5)))
              .label("a", "b")
              .build());

  @TempDir private Path directory;
  private Spool spool;

  @BeforeEach
  void open() throws IOException {
    spool = Spool.in(directory, PLENTY);
  }

  private static List<Line> lines(long from, long to) {
    return LongStream.range(from, to)
        .mapToObj(
            position ->
                Line.of(
                    FileEvent.of(EventType.COMPLETED, "f" + position + "\n")
                        .position(position)
                        .rows(position)
                        .build(),
                    position,
                    null))
        .toList();
  }

  private static List<Line> longLines(long from, long to) {
    return lines(from, to).stream()
        .map(
            line ->
                Line.of(
                    FileEvent.of(EventType.FAILED, line.file())
                        .position(line.position())
                        .error("long", "x".repeat(9_000))
                        .build(),
                    line.position(),
                    null))
        .toList();
  }

  private static List<Long> positions(List<Line> lines) {
    return lines.stream().map(Line::position).toList();
  }

  private BatchSpool only() throws IOException {
    List<Path> places = spool.places();
    assertThat(places).hasSize(1);
    return BatchSpool.hold(spool, places.get(0));
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".ndjson")).sorted().toList();
    }
  }

  @Test
  void whatIsKeptIsReadAgainAsItWas() throws IOException {
    try (BatchSpool place = spool.create(BATCH)) {
      assertThat(place.append(lines(1, 4))).isTrue();
      place.write(new StatusRequest("COMPLETED", "done"));
    }
    try (BatchSpool again = only()) {
      assertThat(again.batch()).isEqualTo(BATCH);
      assertThat(again.ending()).isEqualTo(new StatusRequest("COMPLETED", "done"));
      List<Line> read = again.read(10);
      assertThat(read).usingRecursiveComparison().isEqualTo(lines(1, 4));
      assertThat(again.read(10)).isEmpty();
    }
  }

  @Test
  void linesAreReadWhileOthersAreWritten() throws IOException {
    try (BatchSpool place = spool.create(BATCH)) {
      place.append(lines(1, 3));
      assertThat(positions(place.read(1))).containsExactly(1L);
      place.append(lines(3, 5));
      assertThat(positions(place.read(10))).containsExactly(2L, 3L, 4L);
      assertThat(place.read(10)).isEmpty();
      place.append(lines(5, 6));
      assertThat(place.isEmpty()).isFalse();
      assertThat(positions(place.read(10))).containsExactly(5L);
      place.settled(5);
      assertThat(place.read(10)).isEmpty();
      assertThat(place.isEmpty()).isTrue();
    }
  }

  @Test
  void rewindingBeginsAtTheFirstLineThatIsNotSettled() throws IOException {
    try (BatchSpool place = spool.create(BATCH)) {
      place.append(lines(1, 6));
      place.read(4);
      place.settled(2);
      place.rewind();
      assertThat(positions(place.read(10))).containsExactly(3L, 4L, 5L);
    }
  }

  @Test
  void filesAreDividedAndGoAwayAsTheyAreSettled() throws IOException {
    long lines = 0;
    try (BatchSpool place = spool.create(BATCH)) {
      while (segments().size() < 3) {
        place.append(longLines(lines + 1, lines + 501));
        lines += 500;
      }
      long before = spool.bytes();
      List<Line> read = new ArrayList<>();
      for (List<Line> some = place.read(1_000); !some.isEmpty(); some = place.read(1_000)) {
        read.addAll(some);
      }
      assertThat(positions(read)).isEqualTo(LongStream.rangeClosed(1, lines).boxed().toList());
      place.settled(lines / 2);
      assertThat(segments()).hasSize(2);
      place.settled(lines - lines / 2);
      assertThat(place.isEmpty()).isTrue();
      assertThat(spool.bytes()).isLessThan(before);
      place.delete();
    }
    assertThat(spool.bytes()).isLessThan(1_000);
    assertThat(spool.places()).isEmpty();
  }

  @Test
  void aLineThatWasCutOffEndsItsFileAlone() throws IOException {
    try (BatchSpool place = spool.create(BATCH)) {
      place.append(lines(1, 3));
    }
    Files.write(segments().get(0), new byte[] {'{', '"', 0, 0}, StandardOpenOption.APPEND);
    try (BatchSpool again = only()) {
      again.append(lines(3, 4));
      assertThat(positions(again.read(10))).containsExactly(1L, 2L, 3L);
      again.settled(2);
      assertThat(again.isEmpty()).isFalse();
      again.settled(1);
      assertThat(again.isEmpty()).isTrue();
    }
  }

  @Test
  void nothingIsKeptBeyondTheLimit() throws IOException {
    Spool small = Spool.in(directory.resolve("small"), 400);
    try (BatchSpool place = small.create(BATCH)) {
      assertThat(place.append(lines(1, 3))).isTrue();
      assertThat(place.append(lines(3, 100))).isFalse();
      assertThat(positions(place.read(100))).containsExactly(1L, 2L);
    }
  }

  @Test
  void aPlaceIsHeldByOneAtATime() throws IOException {
    try (BatchSpool place = spool.create(BATCH)) {
      assertThat(BatchSpool.hold(spool, place.place())).isNull();
      assertThatThrownBy(() -> spool.create(BATCH)).hasMessageContaining("held");
    }
    BatchSpool again = only();
    again.close();
  }

  @Test
  void whatIsSetAsideIsNotLookedForAgain() throws IOException {
    BatchSpool place = spool.create(BATCH);
    place.append(lines(1, 3));
    Path aside = place.setAside();

    assertThat(spool.places()).isEmpty();
    assertThat(aside).isDirectoryContaining("glob:**/events-*.ndjson");
    assertThat(Spool.in(directory, PLENTY).bytes()).isPositive();
  }
}
