package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is printed: escapes, figures, names that are too long, exit codes. */
class TextTest {
  @Test
  void whatATerminalWouldObeyIsEscaped() {
    assertThat(Printable.of("a\u001b[2Jb\n\r\t\u007f\u009b\u202e\u2066\u2028é😀"))
        .isEqualTo("a\\u001b[2Jb\\n\\r\\t\\u007f\\u009b\\u202e\\u2066\\u2028é😀");
    assertThat(Printable.of("plain é 😀")).isEqualTo("plain é 😀");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "1536, 1.5 KiB",
    "1073741824, 1.0 GiB",
    "9223372036854775807, 8192.0 PiB"
  })
  void sizesAreInTheLargestUnitTheyFill(long bytes, String text) {
    assertThat(Figures.size(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.0s",
    "59.94, 59.9s",
    "61.2, 1m01s",
    "3599, 59m59s",
    "3660, 1h01m",
    "90000, 1d1h00m"
  })
  void timesAreInTheirTwoLargestUnits(double seconds, String text) {
    assertThat(Figures.seconds(seconds)).isEqualTo(text);
  }

  @Test
  void longNamesFitAndStayApart() {
    String end = "é😀/".repeat(1_000) + "file.csv";
    String one = LongNames.fitting("a/" + end);
    String two = LongNames.fitting("b/" + end);
    assertThat(one.codePointCount(0, one.length())).isEqualTo(LongNames.MOST_CHARACTERS);
    assertThat(one).startsWith("sha256:").endsWith("/file.csv").isNotEqualTo(two);
    String most = "x".repeat(LongNames.MOST_CHARACTERS);
    assertThat(LongNames.fitting(most)).isEqualTo(most);
    assertThat(LongNames.fitting(most + "y")).isNotEqualTo(most + "y");
  }

  @ParameterizedTest
  @CsvSource({
    "COMPLETED, 0",
    "INCOMPLETE, 1",
    "FAILED, 1",
    "CANCELLED, 1",
    "RUNNING, 1",
    "TIMED_OUT, 3"
  })
  void exitCodeSaysWhatABatchCameTo(BatchStatus status, int code) {
    assertThat(ExitCode.of(status).code()).isEqualTo(code);
  }
}
