package io.fileaudit.core.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.BatchStatus;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of a batch, pair by pair, and the words for it. */
class TransitionsTest {

  /** A row for each status, a column for each that may follow, both in the order of the enum. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          #            PENDING RUNNING COMPLETED INCOMPLETE FAILED CANCELLED TIMED_OUT
          PENDING    | no      yes     yes       yes        yes    yes       yes
          RUNNING    | no      no      yes       yes        yes    yes       yes
          COMPLETED  | no      no      no        no         no     no        no
          INCOMPLETE | no      yes     no        no         no     no        no
          FAILED     | no      yes     no        no         no     no        no
          CANCELLED  | no      yes     no        no         no     no        no
          TIMED_OUT  | no      yes     no        no         no     no        no
          """)
  void whatMayFollow(BatchStatus present, String row) {
    List<String> allowed = Arrays.asList(row.strip().split("\\s+"));
    for (BatchStatus next : BatchStatus.values()) {
      boolean expected = allowed.get(next.ordinal()).equals("yes");
      assertThat(Transitions.allowed(present, next))
          .as("%s to %s", present, next)
          .isEqualTo(expected);
      assertThat(Transitions.after(present).contains(next)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource
  void wordsOfTheStatusAgreeWithTheTable(BatchStatus status) {
    assertThat(status.isResumable())
        .isEqualTo(!status.isOpen() && Transitions.allowed(status, BatchStatus.RUNNING));
    assertThat(status.isOpen()).isEqualTo(Transitions.allowed(status, BatchStatus.TIMED_OUT));
  }

  @ParameterizedTest
  @CsvSource({
    "completed,COMPLETED",
    "' Timed_Out\t',TIMED_OUT",
    "RUNNING,RUNNING",
    "iNcOmPlEtE,INCOMPLETE"
  })
  void statusWordsAreReadTrimmedAndInAnyCase(String word, BatchStatus status) {
    assertThat(BatchStatus.parse(word)).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "DONE", "COMPLETE", "RUNNING.", "null", "0"})
  void unknownStatusWordIsAnErrorThatNamesIt(String word) {
    assertThatThrownBy(() -> BatchStatus.parse(word))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + word + "\"")
        .hasMessageContaining("TIMED_OUT");
  }

  @Test
  void whatFollowsCannotBeChanged() {
    assertThatThrownBy(() -> Transitions.after(BatchStatus.COMPLETED).add(BatchStatus.RUNNING))
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
