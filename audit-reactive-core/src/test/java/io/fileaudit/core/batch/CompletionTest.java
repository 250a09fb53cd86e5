package io.fileaudit.core.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Findings;
import io.fileaudit.api.batch.ZeroRows;
import io.fileaudit.core.batch.Tally.Figure;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What speaks against COMPLETED, figure by figure. */
class CompletionTest {
  private static final Set<Figure> HELD_AGAINST_IT =
      EnumSet.of(Figure.FAILED, Figure.RUNNING, Figure.DISCOVERED, Figure.MISSING, Figure.SHORT);

  private static Findings judge(BatchSpec spec, Map<String, Long> figures) {
    return Completion.judge(spec, Tally.fromMap(figures), RefusalCounts.NONE, SubBatches.NONE);
  }

  @ParameterizedTest
  @EnumSource
  void figureAloneDecides(Figure figure) {
    Findings findings = judge(BatchSpec.builder().build(), Map.of(figure.key(), 1L));

    assertThat(findings.isEmpty()).isEqualTo(!HELD_AGAINST_IT.contains(figure));
  }

  @Test
  void emptyBatchIsComplete() {
    assertThat(judge(BatchSpec.builder().build(), Map.of()).isEmpty()).isTrue();
  }

  @Test
  void nothingArrivedOfWhatWasCounted() {
    assertThat(judge(BatchSpec.builder().expectedFiles(3).build(), Map.of()).missing())
        .isEqualTo(3);
    assertThat(judge(BatchSpec.builder().expectedFiles(3).build(), Map.of("arrived", 3L)).isEmpty())
        .isTrue();
    assertThat(judge(BatchSpec.builder().expectedFiles(0).build(), Map.of()).isEmpty()).isTrue();
  }

  @Test
  void fileMissingByNameAndByNumberIsOne() {
    BatchSpec three = BatchSpec.builder().expectedFiles(3).build();

    assertThat(judge(three, Map.of("missing", 2L, "arrived", 1L)).missing()).isEqualTo(2);
    assertThat(judge(three, Map.of("missing", 1L, "arrived", 1L)).missing()).isEqualTo(2);
    assertThat(judge(three, Map.of("missing", 1L, "arrived", 5L)).missing()).isEqualTo(1);
  }

  @Test
  void limitsAllowAsManyAsTheySay() {
    BatchSpec spec = BatchSpec.builder().maxRejectedRows(5L).maxSkipped(0L).build();

    assertThat(judge(spec, Map.of("rejected_rows", 5L)).isEmpty()).isTrue();
    assertThat(judge(spec, Map.of("rejected_rows", 6L)).rejectedRows()).isEqualTo(1);
    assertThat(judge(spec, Map.of("skipped", 1L)).skipped()).isEqualTo(1);
  }

  @Test
  void zeroRowsCountWhereThatWasSaid() {
    BatchSpec strict = BatchSpec.builder().zeroRows(ZeroRows.INCOMPLETE).build();

    assertThat(judge(strict, Map.of("zero_rows", 2L)).zeroRows()).isEqualTo(2);
    assertThat(judge(strict, Map.of("zero_rows", 0L)).isEmpty()).isTrue();
  }

  @Test
  void invalidEventsCountAndMistimedOnesDoNot() {
    BatchSpec spec = BatchSpec.builder().build();

    assertThat(
            Completion.judge(spec, Tally.ZERO, new RefusalCounts(9, 0), SubBatches.NONE).isEmpty())
        .isTrue();
    assertThat(
            Completion.judge(spec, Tally.ZERO, new RefusalCounts(9, 2), SubBatches.NONE).refused())
        .isEqualTo(2);
  }

  @Test
  void subBatchesThatEndedOtherwiseCount() {
    BatchSpec spec = BatchSpec.builder().build();

    assertThat(
            Completion.judge(spec, Tally.ZERO, RefusalCounts.NONE, new SubBatches(0, 3))
                .subBatches())
        .isEqualTo(3);
  }
}
