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
   * is likely to be the rarest, which is the last one with the longest number. Null where no part
   * has a piece.
   */
  static @Nullable String pattern(String text) {
    int best = -1;
    int mostDigits = -1;
    int length = Math.min(MOST_CHARACTERS, text.length());
    for (int from = 0; from + length <= text.length(); from++) {
      String part = text.substring(from, from + length);
      int digits = longestNumber(part);
      if (digits >= mostDigits && isWhole(part) && hasPiece(part)) {
        best = from;
        mostDigits = digits;
      }
    }
    return best < 0 ? null : '%' + escaped(text.substring(best, best + length)) + '%';
  }

  /** Whether no character is cut in two at its beginning or end. */
  private static boolean isWhole(String part) {
    return !Character.isLowSurrogate(part.charAt(0))
        && !Character.isHighSurrogate(part.charAt(part.length() - 1));
  }

  /** How many digits there are in the longest number of a text. */
  private static int longestNumber(String part) {
    int run = 0;
    int longest = 0;
    for (char c : part.toCharArray()) {
      run = c >= '0' && c <= '9' ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  /**
   * Whether the index finds anything by it: a word is cut into pieces with two blanks before it and
   * one behind it, where it is known to begin and to end. Other letters than these are words in
   * some locales of a database only.
   */
  private static boolean hasPiece(String part) {
    int run = 0;
    boolean begins = false;
    for (int i = 0; i < part.length(); i++) {
      char c = part.charAt(i);
      if (isWord(c)) {
        begins = run == 0 ? i > 0 && isGap(part.charAt(i - 1)) : begins;
        run++;
      } else {
        run = 0;
      }
      boolean ends = i + 1 < part.length() && isGap(part.charAt(i + 1));
      if (run > 0 && run + (begins ? 2 : 0) + (ends ? 1 : 0) >= PIECE) {
        return true;
      }
    }
    return false;
  }

  private static boolean isWord(char c) {
    return c < 128 && Character.isLetterOrDigit(c);
  }

  private static boolean isGap(char c) {
    return c < 128 && !Character.isLetterOrDigit(c);
  }

  private static String escaped(String part) {
    return part.replaceAll("[\\\\%_]", "\\\\$0");
  }
}
