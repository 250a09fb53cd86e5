package io.fileaudit.r2dbc.load;

/**
 * Reads which line of a COPY an error is about from the context that PostgreSQL gives, as in {@code
 * COPY empresa, line 3, column capital: "x"}, in whatever language its words are.
 */
final class CopyLine {
  private CopyLine() {}

  /** The line from 1; 0 where the context names none. */
  static int of(String context, String table) {
    String begin = "COPY " + table + ", ";
    return context
        .lines()
        .filter(line -> line.startsWith(begin))
        .mapToInt(line -> number(line, begin.length()))
        .findFirst()
        .orElse(0);
  }

  private static int number(String line, int from) {
    int begin = from;
    while (begin < line.length() && !isDigit(line.charAt(begin))) {
      begin++;
    }
    int end = begin;
    while (end < line.length() && isDigit(line.charAt(end))) {
      end++;
    }
    boolean readable = end > begin && end - begin < 10;
    return readable ? Integer.parseInt(line.substring(begin, end)) : 0;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
