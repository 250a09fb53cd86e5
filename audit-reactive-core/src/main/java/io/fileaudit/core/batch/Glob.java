package io.fileaudit.core.batch;

/**
 * Matches names against the pattern of a counted expectation: {@code *} stands for any characters
 * but {@code /}, {@code **} for any at all, {@code ?} for one (a code point) that is not {@code /};
 * everything else for itself. A pattern without {@code /} is matched against the last part of the
 * name.
 */
public final class Glob {
  private Glob() {}

  /**
   * Whether the name matches. Takes time in the order of pattern times name; nothing in a pattern
   * makes it slower.
   */
  public static boolean matches(String pattern, String name) {
    int[] wanted = pattern.codePoints().toArray();
    int[] subject =
        (pattern.indexOf('/') < 0 ? name.substring(name.lastIndexOf('/') + 1) : name)
            .codePoints()
            .toArray();
    boolean[] reached = new boolean[subject.length + 1];
    reached[0] = true;
    for (int p = 0; p < wanted.length; p++) {
      int c = wanted[p];
      if (c == '*') {
        boolean any = p + 1 < wanted.length && wanted[p + 1] == '*';
        for (int s = 1; s < reached.length; s++) {
          reached[s] |= reached[s - 1] && (any || subject[s - 1] != '/');
        }
        p += any ? 1 : 0;
      } else {
        for (int s = subject.length; s > 0; s--) {
          int actual = subject[s - 1];
          reached[s] = reached[s - 1] && (c == actual || (c == '?' && actual != '/'));
        }
        reached[0] = false;
      }
    }
    return reached[subject.length];
  }
}
