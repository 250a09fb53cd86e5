package io.fileaudit.server.cli.earlier;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Text as it can be kept. A column of type {@code json} holds escapes of what is no character: NUL,
 * which no text of a database may have, and halves of surrogate pairs, by which Python writes bytes
 * that are no UTF-8. Each becomes U+FFFD.
 */
final class StoredText {
  private static final int REPLACEMENT = 0xfffd;

  private StoredText() {}

  /** The value with such text everywhere in it. */
  static Object in(Object value) {
    if (value instanceof String text) {
      return kept(text);
    }
    if (value instanceof List<?> list) {
      List<Object> kept = new ArrayList<>(list.size());
      for (Object one : list) {
        kept.add(one == null ? null : in(one));
      }
      return kept;
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> kept = new LinkedHashMap<>();
      map.forEach(
          (name, one) -> kept.put(kept(String.valueOf(name)), one == null ? null : in(one)));
      return kept;
    }
    return value;
  }

  private static String kept(String text) {
    return text.codePoints().allMatch(StoredText::isKept)
        ? text
        : text.codePoints()
            .map(point -> isKept(point) ? point : REPLACEMENT)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
  }

  private static boolean isKept(int point) {
    return point != 0 && (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE);
  }
}
