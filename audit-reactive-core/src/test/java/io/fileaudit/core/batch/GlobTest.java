package io.fileaudit.core.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Patterns of counted expectations. */
class GlobTest {

  @ParameterizedTest
  @CsvSource({
    "*.EMPRECSV, landing/K3241.K03200Y0.D40511.EMPRECSV, true",
    "*.EMPRECSV, K3241.K03200Y0.D40511.EMPRECSV, true",
    "*.EMPRECSV, .EMPRECSV, true",
    "*.EMPRECSV, EMPRECSV, false",
    "*.EMPRECSV, a.emprecsv, false",
    "*.EMPRECSV, a.EMPRECSV/b, false",
    "*.EMPRECSV, a.EMPRECSV.bak, false",
    "*, anything/at/all, true",
    "a?c, abc, true",
    "a?c, dir/abc, true",
    "a?c, ac, false",
    "a?c, abbc, false",
    "a.c, abc, false",
    "a+(b)[c]{d}^$|, a+(b)[c]{d}^$|, true",
    "in/*.csv, in/a.csv, true",
    "in/*.csv, in/b/a.csv, false",
    "in/*.csv, out/in/a.csv, false",
    "in/**.csv, in/b/a.csv, true",
    "in/**/a.csv, in/x/y/a.csv, true",
    "in/**, in/, true",
    "/*, /a, true",
    "in/?.csv, in//.csv, false",
    "**, a/b, true",
    "***, abc, true",
    "abc, abc, true",
    "abc, abcd, false",
    "abc, '', false",
    "*, '', true",
    "?, \ud83d\ude80, true",
    "a?c, a\ud83d\ude80c, true",
    "a??c, a\ud83d\ude80c, false",
    "\ud83d\ude80?, \ud83d\ude80\ud83d\ude80, true",
    "*\ud83d\ude80, a\ud83d\ude80, true",
    "?, e\u0301, false",
  })
  void matchesWhatItSays(String pattern, String name, boolean expected) {
    assertThat(Glob.matches(pattern, name)).isEqualTo(expected);
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void agreesWithTheDefinition(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      String pattern = text(random, "ab/*?*", 7);
      String name = text(random, "ab/", 7);
      String subject = pattern.indexOf('/') < 0 ? name.substring(name.lastIndexOf('/') + 1) : name;
      assertThat(Glob.matches(pattern, name))
          .as("%s on %s", pattern, name)
          .isEqualTo(defined(pattern, subject));
    }
  }

  private static String text(Random random, String alphabet, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  /** Tries every way; {@code **} is read before {@code *}. */
  private static boolean defined(String pattern, String name) {
    if (pattern.isEmpty()) {
      return name.isEmpty();
    }
    boolean any = pattern.startsWith("**");
    if (pattern.charAt(0) == '*') {
      String rest = pattern.substring(any ? 2 : 1);
      for (int taken = 0; taken <= name.length(); taken++) {
        if (defined(rest, name.substring(taken))) {
          return true;
        }
        if (taken < name.length() && name.charAt(taken) == '/' && !any) {
          return false;
        }
      }
      return false;
    }
    if (name.isEmpty()) {
      return false;
    }
    char wanted = pattern.charAt(0);
    char actual = name.charAt(0);
    return (wanted == actual || (wanted == '?' && actual != '/'))
        && defined(pattern.substring(1), name.substring(1));
  }

  @Test
  void noPatternIsSlow() {
    String pattern = "*a".repeat(100) + "b";
    String name = "a".repeat(1024);

    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () ->
            assertThatCode(() -> assertThat(Glob.matches(pattern, name)).isFalse())
                .doesNotThrowAnyException());
  }
}
