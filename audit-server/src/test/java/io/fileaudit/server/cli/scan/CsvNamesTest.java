package io.fileaudit.server.cli.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvNamesTest {

  private static final CsvNames DEFAULT = CsvNames.matching(CsvNames.DEFAULT_PATTERNS);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.csv",
        "A.CSV",
        "data/2024/a.Csv",
        "a.tsv",
        ".csv",
        "with\nnewline.csv",
        "landing/K3241.K03200Y0.D40511.EMPRECSV",
        "K3241.K03200Y9.D40511.ESTABELE",
        "K3241.K03200Y5.D40511.SOCIOCSV",
        "k3241.k03200y5.d40511.sociocsv",
        "F.K03200$W.SIMPLES.CSV.D40511",
        "F.K03200$Z.D40511.CNAECSV",
        "F.K03200$Z.D40511.MUNICCSV",
        "F.K03200$Z.D40511.PAISCSV",
        "F.K03200$Z.D40511.NATJUCSV",
        "F.K03200$Z.D40511.QUALSCSV",
        "F.K03200$Z.D40511.MOTICSV"
      })
  void takenAsCsvByDefault(String name) {
    assertThat(DEFAULT.include(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a.csv.gz",
        "a.zip",
        "csv",
        "acsv",
        "a.csv/readme",
        "a.csvx",
        "notes.ESTABELE.txt",
        "ESTABELE",
        "Empresas0.zip"
      })
  void notTakenAsCsvByDefault(String name) {
    assertThat(DEFAULT.include(name)).isFalse();
  }

  @Test
  void patternsHaveTwoWildcardsAndNothingElse() {
    CsvNames names = CsvNames.matching(List.of("part-??.d[0]*.{txt}"));

    assertThat(names.include("x/PART-07.d[0]-more.{txt}")).isTrue();
    assertThat(names.include("part-7.d[0].{txt}")).isFalse();
    assertThat(names.include("part-07.d0.txt")).isFalse();
    assertThat(names.include("part-07xd[0].{txt}")).isFalse();
    assertThat(CsvNames.matching(List.of("a?😀\\E*")).include("A😀😀\\e")).isTrue();
  }

  @Test
  void noPatternsTakeNothing() {
    assertThat(CsvNames.matching(List.of()).include("a.csv")).isFalse();
    assertThat(CsvNames.matching(List.of("")).include("a.csv")).isFalse();
  }
}
