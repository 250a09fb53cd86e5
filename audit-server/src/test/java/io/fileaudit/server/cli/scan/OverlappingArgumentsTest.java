package io.fileaudit.server.cli.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.server.cli.scan.SelectedFile.Regular;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Arguments that reach the same files in several ways. */
class OverlappingArgumentsTest {

  private final Path base;

  OverlappingArgumentsTest(@TempDir Path base) {
    this.base = base;
  }

  @Test
  void whatTwoArgumentsReachAppearsOnceUnderTheFirst() throws IOException {
    files("d/a.csv", "d/sub/b.csv", "d/sub/deep/c.csv");
    link("to-sub", "d/sub");

    assertThat(namesOf("d/a.csv", "./d/a.csv", base + "/d/a.csv")).containsExactly("d/a.csv");
    assertThat(namesOf("d", "d/a.csv", "d/sub", "d/sub/b.csv", "d"))
        .containsExactly("d/a.csv", "d/sub/b.csv", "d/sub/deep/c.csv");
    assertThat(namesOf("d/sub/b.csv", "d"))
        .containsExactly("d/sub/b.csv", "d/a.csv", "d/sub/deep/c.csv");
    assertThat(namesOf("d/sub/deep", "d/a.csv", "d"))
        .containsExactly("d/sub/deep/c.csv", "d/a.csv", "d/sub/b.csv");
    assertThat(namesOf("to-sub", "d"))
        .containsExactly("to-sub/b.csv", "to-sub/deep/c.csv", "d/a.csv");
    assertThat(namesOf("d", "to-sub/b.csv", "to-sub"))
        .containsExactly("d/a.csv", "d/sub/b.csv", "d/sub/deep/c.csv");
    assertThat(namesOf("d", "d/missing.csv")).endsWith("d/missing.csv");
  }

  static LongStream seeds() {
    return LongStream.range(0, 100);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyFileUnderOverlappingArgumentsIsGivenExactlyOnce(long seed) throws IOException {
    Random random = new Random(seed);
    List<Path> all = randomTree(random);
    List<String> arguments = new ArrayList<>();
    TreeSet<Path> expected = new TreeSet<>();
    for (int i = random.nextInt(6); i >= 0; i--) {
      Path argument = all.get(random.nextInt(all.size()));
      arguments.add(
          (random.nextBoolean() ? "./" : "") + (random.nextBoolean() ? "t/../" : "") + argument);
      try (Stream<Path> below = Files.walk(base.resolve(argument))) {
        below.filter(Files::isRegularFile).forEach(expected::add);
      }
    }

    List<Path> given = new ArrayList<>();
    for (SelectedFile file : FileSelection.of(base, arguments)) {
      given.add(((Regular) file).path().normalize());
    }

    assertThat(given).as("%s", arguments).containsExactlyInAnyOrderElementsOf(expected);
  }

  private List<Path> randomTree(Random random) throws IOException {
    List<Path> directories = new ArrayList<>(List.of(Path.of("t")));
    List<Path> all = new ArrayList<>(directories);
    Files.createDirectories(base.resolve("t"));
    for (int i = 0; i < 25; i++) {
      Path path = directories.get(random.nextInt(directories.size())).resolve("n" + i);
      if (random.nextInt(3) == 0) {
        Files.createDirectory(base.resolve(path));
        directories.add(path);
      } else {
        Files.createFile(base.resolve(path));
      }
      all.add(path);
    }
    return all;
  }

  private Path files(String... names) {
    try {
      for (String name : names) {
        Path file = base.resolve(name);
        Files.createDirectories(file.getParent());
        Files.createFile(file);
      }
      return base;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void link(String name, String target) throws IOException {
    Files.createSymbolicLink(base.resolve(name), Path.of(target));
  }

  private List<SelectedFile> select(String... arguments) {
    List<SelectedFile> selected = new ArrayList<>();
    FileSelection.of(base, List.of(arguments)).forEach(selected::add);
    return selected;
  }

  private List<String> namesOf(String... arguments) {
    return select(arguments).stream().map(SelectedFile::name).toList();
  }
}
