package io.fileaudit.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The canonical form of the ledger's texts against RFC 8785: its examples and its table of numbers.
 */
class CanonicalFormTest {

  private static String canonical(String json) {
    return CanonicalJson.text(AuditJson.lenient().readValue(json, Object.class));
  }

  /** RFC 8785, §3.2.2 and §3.2.3. */
  @Test
  void primitivesAsInTheStandardsExample() {
    String source =
        "{ \"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],\n"
            + " \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
            + " \"literals\": [null, true, false] }";

    assertThat(canonical(source))
        .isEqualTo(
            "{\"literals\":[null,true,false],"
                + "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                + "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
  }

  /** RFC 8785, §3.2.3: by UTF-16 code units, so that an emoji comes before U+FB33. */
  @Test
  void namesAreSortedAsInTheStandardsExample() {
    String source =
        "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\","
            + "\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
            + "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}";

    assertThat(canonical(source))
        .isEqualTo(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
                + "\"\u00f6\":\"Latin Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\","
                + "\"\ud83d\ude00\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
  }

  /** RFC 8785, Appendix B. */
  @ParameterizedTest
  @CsvSource({
    "0000000000000000, 0",
    "8000000000000000, 0",
    "0000000000000001, 5e-324",
    "8000000000000001, -5e-324",
    "7fefffffffffffff, 1.7976931348623157e+308",
    "ffefffffffffffff, -1.7976931348623157e+308",
    "4340000000000000, 9007199254740992",
    "c340000000000000, -9007199254740992",
    "4430000000000000, 295147905179352830000",
    "44b52d02c7e14af5, 9.999999999999997e+22",
    "44b52d02c7e14af6, 1e+23",
    "44b52d02c7e14af7, 1.0000000000000001e+23",
    "444b1ae4d6e2ef4e, 999999999999999700000",
    "444b1ae4d6e2ef4f, 999999999999999900000",
    "444b1ae4d6e2ef50, 1e+21",
    "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d, 0.000001",
    "41b3de4355555553, 333333333.3333332",
    "41b3de4355555554, 333333333.33333325",
    "41b3de4355555555, 333333333.3333333",
    "41b3de4355555556, 333333333.3333334",
    "41b3de4355555557, 333333333.33333343",
    "becbf647612f3696, -0.0000033333333333333333",
    "43143ff3c1cb0959, 1424953923781206.2",
  })
  void numbersAsInTheStandardsTable(String bits, String text) {
    assertThat(CanonicalJson.text(Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16))))
        .isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"7fffffffffffffff", "7ff0000000000000", "fff0000000000000"})
  void whatIsNoNumberHasNoForm(String bits) {
    double value = Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16));

    assertThatThrownBy(() -> CanonicalJson.text(value))
        .isInstanceOf(IllegalArgumentException.class);
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void numbersReadBackTheSameInFewestDigits(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      if (Double.isFinite(value)) {
        isShortest(value);
        isShortest(Double.longBitsToDouble(random.nextLong() >>> (12 + random.nextInt(52))));
        isShortest((random.nextInt(999) + 1) * Math.pow(10, random.nextInt(629) - 324));
      }
    }
  }

  @Test
  void leastNumbersAndPowersOfTwoAreInFewestDigits() {
    for (long bits = 0; bits <= 4_096; bits++) {
      isShortest(Double.longBitsToDouble(bits));
    }
    for (int exponent = Double.MIN_EXPONENT - 52; exponent <= Double.MAX_EXPONENT; exponent++) {
      double power = Math.scalb(1.0, exponent);
      isShortest(power);
      isShortest(Math.nextUp(power));
      isShortest(Math.nextDown(power));
    }
  }

  /** Tries every shorter number next to the value, and every other of as many digits. */
  private static void isShortest(double value) {
    String text = CanonicalJson.text(value);
    assertThat(Double.parseDouble(text)).isEqualTo(value == 0 ? 0.0 : value);
    if (value == 0) {
      return;
    }
    BigDecimal written = new BigDecimal(text).stripTrailingZeros();
    BigDecimal exact = new BigDecimal(value);
    if (written.precision() > 1) {
      for (RoundingMode rounding : List.of(RoundingMode.FLOOR, RoundingMode.CEILING)) {
        BigDecimal shorter = exact.round(new MathContext(written.precision() - 1, rounding));
        assertThat(shorter.doubleValue()).as("%s could be shorter", text).isNotEqualTo(value);
      }
    }
    BigDecimal closest = exact.round(new MathContext(written.precision(), RoundingMode.HALF_EVEN));
    if (closest.doubleValue() == value) {
      assertThat(exact.subtract(written).abs())
          .as("%s could be closer", text)
          .isLessThanOrEqualTo(exact.subtract(closest).abs());
    }
    int magnitude = written.precision() - written.scale();
    assertThat(text.indexOf('e') >= 0).isEqualTo(magnitude > 21 || magnitude <= -6);
  }

  @Test
  void integersAreExactUpToTheLimit() {
    assertThat(
            CanonicalJson.text(
                List.of(CanonicalJson.MAX_INTEGER, -CanonicalJson.MAX_INTEGER, 0, -1)))
        .isEqualTo("[9007199254740991,-9007199254740991,0,-1]");
    assertThatThrownBy(() -> CanonicalJson.text(CanonicalJson.MAX_INTEGER + 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("9007199254740992");
    assertThatThrownBy(() -> CanonicalJson.text(-CanonicalJson.MAX_INTEGER - 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> canonical("123456789012345678901234567890"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyControlCharacterIsEscapedAsTheStandardSays() {
    StringBuilder expected = new StringBuilder("\"");
    StringBuilder all = new StringBuilder();
    for (char c = 0; c < 0x20; c++) {
      all.append(c);
      expected.append(
          switch (c) {
            case '\b' -> "\\b";
            case '\t' -> "\\t";
            case '\n' -> "\\n";
            case '\f' -> "\\f";
            case '\r' -> "\\r";
            default -> String.format("\\u%04x", (int) c);
          });
    }
    all.append("\"\\/\u007f\u0080\u07ff\u0800\u2028\uffff\ud800\udc00\udbff\udfff");
    expected.append("\\\"\\\\/\u007f\u0080\u07ff\u0800\u2028\uffff\ud800\udc00\udbff\udfff\"");

    assertThat(CanonicalJson.text(all.toString())).isEqualTo(expected.toString());
    assertThat(AuditJson.lenient().readValue(expected.toString(), String.class))
        .isEqualTo(all.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud800", "\udc00", "a\ud83d", "\ud83dx", "\ude00\ud83d", "\ud800\ud800"})
  void halfOfASurrogatePairHasNoForm(String text) {
    assertThatThrownBy(() -> CanonicalJson.text(text)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CanonicalJson.text(Map.of(text, 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsNoJsonValueHasNoForm() {
    assertThatThrownBy(() -> CanonicalJson.text(new int[] {1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> CanonicalJson.text('c')).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void emptyAndNestedValues() {
    assertThat(CanonicalJson.text(Map.of())).isEqualTo("{}");
    assertThat(CanonicalJson.text(List.of())).isEqualTo("[]");
    assertThat(CanonicalJson.text(null)).isEqualTo("null");
    assertThat(CanonicalJson.text(Collections.singletonMap("a", null))).isEqualTo("{\"a\":null}");
    assertThat(canonical("{\"b\":{\"z\":[{\"y\":1,\"x\":2}],\"a\":\"\"},\"a\":[[],{}]}"))
        .isEqualTo("{\"a\":[[],{}],\"b\":{\"a\":\"\",\"z\":[{\"x\":2,\"y\":1}]}}");
  }

  @Test
  void longTextsAreWrittenInFull() {
    char[] many = new char[100_000];
    Arrays.fill(many, '☃');
    String text = new String(many);

    assertThat(CanonicalJson.text(text)).isEqualTo("\"" + text + "\"");
  }
}
