package io.fileaudit.r2dbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a text an index of pieces is asked for. */
class NeedleTest {

  @Test
  void shortTextIsAskedForWhole() {
    assertThat(Needle.pattern("EMPRE")).isEqualTo("%EMPRE%");
    assertThat(Needle.pattern("no 77")).isEqualTo("%no 77%");
  }

  @Test
  void longTextIsAskedForByItsLongestNumber() {
    assertThat(Needle.pattern("landing/2025-02/K3241.K03200Y4.D40266.PART-0012344.SOCIOCSV"))
        .isEqualTo("%0012344.SO%");
  }

  @Test
  void whatLikeReadsOtherwiseIsEscaped() {
    assertThat(Needle.pattern("a_100%\\")).isEqualTo("%a\\_100\\%\\\\%");
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz", "a", "12", "-", "%%%", "é1é", "\ud83d\ude00\ud83d\ude00"})
  void textWithoutAPieceIsNotAskedFor(String text) {
    assertThat(Needle.pattern(text)).isNull();
  }

  @Test
  void noCharacterIsCutInTwo() {
    String pattern =
        Needle.pattern("\ud83d\ude00".repeat(3) + "12345678" + "\ud83d\ude00".repeat(9));

    assertThat(pattern).contains("12345678");
    assertThat(pattern.codePoints()).allMatch(c -> c < 0xd800 || c > 0xdfff);
  }
}
