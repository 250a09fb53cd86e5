package io.fileaudit.api.problem;

/** What was sent, as far as it is shown again: however long it was, what tells of it is not. */
public final class Shown {
  /** The longest text that says what was wrong, in characters. */
  static final int DETAIL = 1_000;

  private Shown() {}

  /** A text of no more than so many characters; no pair of surrogates is cut in two. */
  public static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    boolean within = Character.isHighSurrogate(text.charAt(most - 1));
    return text.substring(0, within ? most - 1 : most) + "…";
  }

  /** What was wrong, of a length that fits into an answer. */
  public static String detail(String text) {
    return cut(text, DETAIL);
  }
}
