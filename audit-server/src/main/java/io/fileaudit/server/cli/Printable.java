package io.fileaudit.server.cli;

/**
 * Makes text harmless to print: a name may hold line breaks, terminal commands, or marks that turn
 * the direction of writing round. Each of these becomes a JSON escape, so that a JSON text stays
 * the same JSON.
 */
final class Printable {
  private Printable() {}

  static String of(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (isUnsafe(text.charAt(i))) {
        return escaped(text);
      }
    }
    return text;
  }

  private static String escaped(String text) {
    StringBuilder safe = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> safe.append("\\n");
        case '\r' -> safe.append("\\r");
        case '\t' -> safe.append("\\t");
        default -> {
          if (isUnsafe(c)) {
            safe.append(String.format("\\u%04x", (int) c));
          } else {
            safe.append(c);
          }
        }
      }
    }
    return safe.toString();
  }

  private static boolean isUnsafe(char c) {
    boolean direction =
        c == '\u061c'
            || (c >= '\u200e' && c <= '\u200f')
            || (c >= '\u202a' && c <= '\u202e')
            || (c >= '\u2066' && c <= '\u2069');
    return Character.isISOControl(c) || c == '\u2028' || c == '\u2029' || direction;
  }
}
