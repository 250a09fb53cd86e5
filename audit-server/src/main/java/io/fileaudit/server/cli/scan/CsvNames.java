package io.fileaudit.server.cli.scan;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which files are taken as CSV, by the last part of their name. In a pattern {@code *} stands for
 * any characters and {@code ?} for one; everything else, brackets and braces too, stands for
 * itself; upper and lower case are alike.
 */
public final class CsvNames {

  /**
   * Taken as CSV unless said otherwise: {@code .csv} and {@code .tsv}, and the inner names of the
   * Brazilian company register, such as {@code K3241.K03200Y0.D40511.EMPRECSV} and {@code
   * F.K03200$W.SIMPLES.CSV.D40511}.
   */
  public static final List<String> DEFAULT_PATTERNS =
      List.of(
          "*.csv",
          "*.tsv",
          "K*.D*.EMPRECSV",
          "K*.D*.ESTABELE",
          "K*.D*.SOCIOCSV",
          "F.K*.SIMPLES.CSV.D*",
          "F.K*.D*.*CSV");

  private final List<Pattern> patterns;

  private CsvNames(List<Pattern> patterns) {
    this.patterns = patterns;
  }

  /** The files that match any of the patterns; none where the list is empty. */
  public static CsvNames matching(List<String> patterns) {
    return new CsvNames(patterns.stream().map(CsvNames::compile).toList());
  }

  /** Whether the file reported under this name is taken as CSV. */
  public boolean include(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return patterns.stream().anyMatch(pattern -> pattern.matcher(last).matches());
  }

  private static Pattern compile(String pattern) {
    StringBuilder regex = new StringBuilder();
    pattern
        .codePoints()
        .mapToObj(Character::toString)
        .forEach(
            character ->
                regex.append(
                    switch (character) {
                      case "*" -> ".*";
                      case "?" -> ".";
                      default -> Pattern.quote(character);
                    }));
    return Pattern.compile(
        regex.toString(), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.DOTALL);
  }
}
