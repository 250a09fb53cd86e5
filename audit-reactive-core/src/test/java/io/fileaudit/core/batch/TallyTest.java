package io.fileaudit.core.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.core.batch.Tally.Figure;
import io.fileaudit.core.file.Accounts;
import io.fileaudit.core.file.FileAccount;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Figures move by differences and equal a recount at any time. */
class TallyTest {

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void differencesEqualARecount(long seed) {
    Random random = new Random(seed);
    BatchSpec spec = BatchSpec.builder().expected(new Expected(3L, "*.csv", List.of())).build();
    Map<String, FileAccount> files = new HashMap<>();
    Tally moved = Tally.ZERO;
    for (int step = 0; step < 30; step++) {
      String file = random.nextInt(4) + (random.nextBoolean() ? ".csv" : ".txt");
      FileAccount before = files.get(file);
      FileAccount after =
          Accounts.random(random).join(before == null ? FileAccount.UNKNOWN : before);
      files.put(file, after);
      moved = moved.plus(Tally.of(file, after, spec));
      moved = before == null ? moved : moved.minus(Tally.of(file, before, spec));

      Tally recount =
          files.entrySet().stream()
              .map(entry -> Tally.of(entry.getKey(), entry.getValue(), spec))
              .reduce(Tally.ZERO, Tally::plus);
      assertThat(moved).isEqualTo(recount);
      assertThat(stateOf(recount)).as("each file is in one state").isEqualTo(files.size());
      assertThat(Tally.fromMap(moved.toMap())).isEqualTo(moved);
    }
  }

  private static long stateOf(Tally tally) {
    return tally.get(Figure.MISSING)
        + tally.get(Figure.DISCOVERED)
        + tally.get(Figure.RUNNING)
        + tally.get(Figure.COMPLETED)
        + tally.get(Figure.FAILED)
        + tally.get(Figure.SKIPPED);
  }

  @Test
  void figureThatIsNotThereIsZero() {
    assertThat(Tally.fromMap(Map.of())).isEqualTo(Tally.ZERO).hasSameHashCodeAs(Tally.ZERO);
    assertThat(Tally.fromMap(Map.of("rows", 5)).get(Figure.ROWS)).isEqualTo(5);
    assertThat(Tally.fromMap(Map.of("rows", 5)))
        .isNotEqualTo(Tally.ZERO)
        .hasToString(Tally.fromMap(Map.of("rows", 5L)).toString());
  }
}
