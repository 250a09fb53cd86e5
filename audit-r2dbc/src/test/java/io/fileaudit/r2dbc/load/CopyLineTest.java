package io.fileaudit.r2dbc.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CopyLineTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "COPY empresa, line 3, column capital: \"x\" | empresa | 3",
        "COPY empresa, Zeile 12: »5, x« | empresa | 12",
        "COPY a, line 7 b, line 8 | a, line 7 b | 8",
        "COPY socios, line 3 | empresa | 0",
        "COPY empresa, ligne, colonne | empresa | 0",
        "COPY empresa, line 99999999999 | empresa | 0",
        "'' | empresa | 0"
      })
  void lineIsReadInAnyLanguage(String context, String table, int line) {
    assertThat(CopyLine.of(context, table)).isEqualTo(line);
    assertThat(CopyLine.of("PL/pgSQL function f() line 5 at RAISE\n" + context, table))
        .isEqualTo(line);
  }
}
