package io.fileaudit.server.cli.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.server.cli.scan.FileProblem.Code;
import io.fileaudit.server.cli.scan.SelectedFile.Failed;
import io.fileaudit.server.cli.scan.SelectedFile.Regular;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that are not plain text, made by the shell because Java could not make all of them. */
class FileNamesOnDiskTest {

  private static final String LONGEST = "é".repeat(127) + "x";

  private final Path base;

  FileNamesOnDiskTest(@TempDir Path base) {
    this.base = base;
  }

  @Test
  void anyNameIsReadAndReported() {
    touch(
        "d/caf\\351.csv",
        "d/caf\\350.csv",
        "d/a\\nb.csv",
        "d/t\\tq\"q.csv",
        "d/\\360\\237\\230\\200.csv",
        "d/sp ace");
    touch(
        "d/back\\\\slash",
        "d/\\\\xE9",
        "d/%41",
        "d/rep\\357\\277\\275",
        "d/caf\\357\\277\\275E9.csv");
    touch("d/-", "d/" + "\\303\\251".repeat(127) + "x");

    List<SelectedFile> selected = select("d");

    assertThat(selected)
        .extracting(SelectedFile::name)
        .containsExactlyInAnyOrder(
            "d/caf\uFFFDE9.csv",
            "d/caf\uFFFDE8.csv",
            "d/a\nb.csv",
            "d/t\tq\"q.csv",
            "d/😀.csv",
            "d/sp ace",
            "d/back\\slash",
            "d/\\xE9",
            "d/%41",
            "d/rep\uFFFDEF\uFFFDBF\uFFFDBD",
            "d/caf\uFFFDEF\uFFFDBF\uFFFDBDE9.csv",
            "d/-",
            "d/" + LONGEST);
    StockTaker taker = new StockTaker();
    for (SelectedFile file : selected) {
      assertThat(taker.take(((Regular) file).path(), ReadingProgress.NONE))
          .as(file.name())
          .isInstanceOf(FileStock.Complete.class);
    }
  }

  @Test
  void directoryWithAnyNameIsWalked() {
    touch("d/caf\\351/a.csv");

    assertThat(select("d")).extracting(SelectedFile::name).containsExactly("d/caf\uFFFDE9/a.csv");
  }

  @Test
  void argumentThatLostItsBytesFindsTheOneFileThatReadsTheSame() {
    touch("d/caf\\351/n\\343o.csv", "d/caf\\351/sim.csv");

    assertThat(select("d/caf\uFFFD/n\uFFFDo.csv", "d/caf\uFFFD"))
        .extracting(SelectedFile::name)
        .containsExactly("d/caf\uFFFDE9/n\uFFFDE3o.csv", "d/caf\uFFFDE9/sim.csv");
    assertThat(select(base + "/d/caf\uFFFD/sim.csv"))
        .extracting(SelectedFile::name)
        .containsExactly(base + "/d/caf\uFFFDE9/sim.csv");
  }

  @Test
  void argumentThatSeveralFilesReadLikeIsFailed() {
    touch("d/caf\\351.csv", "d/caf\\350.csv");

    assertThat(select("d/caf\uFFFD.csv", "d/caf\uFFFD.csv"))
        .singleElement()
        .isInstanceOfSatisfying(
            Failed.class,
            failed -> {
              assertThat(failed.name()).isEqualTo("d/caf\uFFFD.csv");
              assertThat(failed.problem().code()).isEqualTo(Code.NOT_FOUND);
              assertThat(failed.problem().message())
                  .startsWith("more than one name reads like this");
            });
  }

  @Test
  void argumentThatNoFileReadsLikeIsFailed() {
    touch("d/a.csv");

    assertThat(select("d/\uFFFD.csv"))
        .singleElement()
        .isInstanceOfSatisfying(
            Failed.class,
            failed -> assertThat(failed.problem().message()).startsWith("no name reads like this"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "C.UTF-8"})
  void namesAreTheSameInEveryLocale(String locale) throws URISyntaxException {
    touch("d/caf\\351.csv", "d/a\\303\\247\\303\\243o.csv", "d/\\360\\237\\230\\200");

    String inWalk = inAnotherProcess(locale, "d");
    String asArguments = inAnotherProcess(locale, "d/*");

    assertThat(inWalk).isEqualTo("Regular d/ação.csv\nRegular d/caf\uFFFDE9.csv\nRegular d/😀\n");
    assertThat(asArguments).isEqualTo(inWalk);
  }

  /** Prints what its arguments select, to be run in another locale than this process's. */
  static final class Printer {

    private Printer() {}

    public static void main(String[] arguments) {
      StringBuilder lines = new StringBuilder();
      for (SelectedFile file : FileSelection.of(List.of(arguments))) {
        lines.append(file.getClass().getSimpleName()).append(' ').append(file.name()).append('\n');
      }
      System.out.writeBytes(lines.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private String inAnotherProcess(String locale, String arguments) throws URISyntaxException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath = classesOf(FileSelection.class) + ":" + classesOf(Printer.class);
    return Shell.run(
        base,
        "LC_ALL="
            + locale
            + " exec '"
            + java
            + "' -cp '"
            + classPath
            + "' '"
            + Printer.class.getName()
            + "' "
            + arguments);
  }

  private static Path classesOf(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** Creates files; the names are in the escapes of {@code printf}. */
  private void touch(String... names) {
    for (String name : names) {
      String quoted = "\"$(printf '" + name.replace("%", "%%") + "')\"";
      Shell.run(base, "mkdir -p \"$(dirname " + quoted + ")\" && : > " + quoted);
    }
  }

  private List<SelectedFile> select(String... arguments) {
    List<SelectedFile> selected = new ArrayList<>();
    FileSelection.of(base, List.of(arguments)).forEach(selected::add);
    return selected;
  }
}
