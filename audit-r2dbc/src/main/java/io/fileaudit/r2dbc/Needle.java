package io.fileaudit.r2dbc;

import org.jspecify.annotations.Nullable;

/**
 * A text that names are searched for, as an index of pieces of three letters or digits can look it
 * up.
 */
final class Needle {
  /** Each further piece of it would cost the index another list to go through. */
  private static final int MOST_CHARACTERS = 10;

  private static final int PIECE = 3;

  private Needle() {}

  /**
   * A pattern for LIKE that is true of every name with the text in it: of the part of the text that
   * is likely to be the rarest, which is the one with the most digits. Null where no part has a
   * piece.
   */
  static @Nullable String pattern(String text) {
    int best = -1;
    int mostDigits = -1;
    int length = Math.min(MOST_CHARACTERS, text.length());
    for (int from = 0; from + length <= text.length(); from++) {
      int digits = digits(text.substring(from, from + length));
      if (digits >= mostDigits && hasPiece(text.substring(from, from + length))) {
        best = from;
        mostDigits = digits;
      }
    }
    return best < 0 ? null : '%' + escaped(text.substring(best, best + length)) + '%';
  }

  private static int digits(String part) {
    return (int) part.chars().filter(c -> c >= '0' && c <= '9').count();
  }

  /** Other letters than these are pieces in some locales of a database only. */
  private static boolean hasPiece(String part) {
    int run = 0;
    for (char c : part.toCharArray()) {
      run = c < 128 && Character.isLetterOrDigit(c) ? run + 1 : 0;
      if (run == PIECE) {
        return true;
      }
    }
    return false;
  }

  private static String escaped(String part) {
    return part.replaceAll("[\\\\%_]", "\\\\$0");
  }
}
