package io.fileaudit.api.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.NumberOutput;

/**
 * Writes plain JSON values (maps, lists, strings, numbers, booleans, null) in the canonical form of
 * RFC 8785: names sorted by UTF-16 code units, no white space, numbers as ECMAScript writes them.
 */
public final class CanonicalJson {
  /** The greatest integer that every JSON reader keeps exactly: 2^53 − 1. */
  public static final long MAX_INTEGER = (1L << 53) - 1;

  private CanonicalJson() {}

  /** The canonical text of a value. */
  public static String text(@Nullable Object value) {
    Utf8Output out = new Utf8Output(256);
    write(value, out);
    return out.toString();
  }

  /**
   * Writes the canonical form of a value.
   *
   * @throws IllegalArgumentException where the value has none: integers beyond ±(2^53−1), numbers
   *     that are not finite, half surrogate pairs, or something that is not a JSON value
   */
  public static void write(@Nullable Object value, Utf8Output out) {
    if (value == null) {
      out.ascii("null");
    } else if (value instanceof String text) {
      out.string(text);
    } else if (value instanceof Boolean truth) {
      out.ascii(truth.toString());
    } else if (value instanceof Number number) {
      writeNumber(number, out);
    } else if (value instanceof Map<?, ?> object) {
      writeObject(object, out);
    } else if (value instanceof List<?> array) {
      writeArray(array, out);
    } else {
      throw new IllegalArgumentException("not a JSON value: " + value.getClass().getName());
    }
  }

  private static void writeObject(Map<?, ?> object, Utf8Output out) {
    Map<String, Object> sorted = new TreeMap<>();
    object.forEach((name, member) -> sorted.put((String) name, member));
    out.put('{');
    boolean first = true;
    for (Map.Entry<String, @Nullable Object> member : sorted.entrySet()) {
      if (!first) {
        out.put(',');
      }
      first = false;
      out.string(member.getKey()).put(':');
      write(member.getValue(), out);
    }
    out.put('}');
  }

  private static void writeArray(List<?> array, Utf8Output out) {
    out.put('[');
    boolean first = true;
    for (Object element : array) {
      if (!first) {
        out.put(',');
      }
      first = false;
      write(element, out);
    }
    out.put(']');
  }

  private static void writeNumber(Number number, Utf8Output out) {
    if (number instanceof Long
        || number instanceof Integer
        || number instanceof Short
        || number instanceof Byte) {
      long value = number.longValue();
      if (value > MAX_INTEGER || value < -MAX_INTEGER) {
        throw new IllegalArgumentException("the integer " + value + " is beyond ±(2^53−1)");
      }
      out.number(value);
    } else if (number instanceof BigInteger) {
      throw new IllegalArgumentException("the integer " + number + " is beyond ±(2^53−1)");
    } else {
      out.ascii(ecmaScript(number.doubleValue()));
    }
  }

  /**
   * A double as ECMAScript's {@code Number::toString} writes it: the shortest digits that read back
   * the same.
   */
  static String ecmaScript(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("a number must be finite and in the range of a double");
    }
    if (value == 0) {
      return "0";
    }
    BigDecimal shortest = shortest(Math.abs(value));
    String digits = shortest.unscaledValue().toString();
    int point = digits.length() - shortest.scale();
    StringBuilder text = new StringBuilder(value < 0 ? "-" : "");
    if (point > 21 || point < -5) {
      text.append(digits.charAt(0));
      if (digits.length() > 1) {
        text.append('.').append(digits, 1, digits.length());
      }
      int exponent = point - 1;
      return text.append('e')
          .append(exponent < 0 ? '-' : '+')
          .append(Math.abs(exponent))
          .toString();
    }
    if (point <= 0) {
      return text.append("0.").append("0".repeat(-point)).append(digits).toString();
    }
    if (digits.length() <= point) {
      return text.append(digits).append("0".repeat(point - digits.length())).toString();
    }
    return text.append(digits, 0, point)
        .append('.')
        .append(digits, point, digits.length())
        .toString();
  }

  /**
   * The fewest digits that read back the same, and of those the closest to the value. The library
   * keeps to Java's rule of two digits at least, so where it gives two, one may do.
   */
  private static BigDecimal shortest(double value) {
    BigDecimal shortest = new BigDecimal(NumberOutput.toString(value, true)).stripTrailingZeros();
    if (shortest.precision() == 2) {
      BigDecimal oneDigit = new BigDecimal(value).round(new MathContext(1, RoundingMode.HALF_EVEN));
      return oneDigit.doubleValue() == value ? oneDigit : shortest;
    }
    return shortest;
  }
}
