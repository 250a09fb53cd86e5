package io.fileaudit.api.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Digits and times are written as Java itself writes them. */
class Utf8OutputTest {
  private static final int MANY = 100_000;

  private final Utf8Output out = new Utf8Output(0);

  @ParameterizedTest
  @ValueSource(longs = {0, 9, 10, 99, 100, -1, -10, Long.MAX_VALUE, Long.MIN_VALUE})
  void numberIsWrittenInPlainDigits(long number) {
    assertThat(out.number(number)).hasToString(Long.toString(number));
  }

  @Test
  void anyNumberIsWrittenInPlainDigits() {
    Random random = new Random(1);
    for (int i = 0; i < MANY; i++) {
      long number = random.nextLong() >> random.nextInt(64);
      out.reset();
      assertThat(out.number(number)).hasToString(Long.toString(number));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999999Z",
        "2024-02-29T23:59:59.100Z",
        "0999-12-31T23:59:59Z",
        "-0001-01-01T00:00:00Z",
        "+10000-01-01T00:00:00.000001Z"
      })
  void timeIsWrittenAsJavaDoes(String time) {
    assertThat(out.time(Instant.parse(time))).hasToString(time);
  }

  @Test
  void anyTimeIsWrittenAsJavaDoes() {
    Random random = new Random(1);
    int[] units = {1, 1_000, 1_000_000, 1_000_000_000};
    for (int i = 0; i < MANY; i++) {
      int unit = units[random.nextInt(units.length)];
      int nanos = random.nextInt(1_000_000_000) / unit * unit;
      long second = random.nextLong(-30_000_000_000L, 253_402_300_800L);
      Instant time = Instant.ofEpochSecond(second, nanos);
      out.reset();
      assertThat(out.time(time)).hasToString(time.toString());
    }
  }
}
