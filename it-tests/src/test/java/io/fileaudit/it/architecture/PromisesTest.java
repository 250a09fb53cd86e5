package io.fileaudit.it.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A promise that names a test is worth nothing where there is no such test. */
class PromisesTest {
  private static final Path CHECKOUT = Path.of("..");
  private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z]+(?:Test|IT|Contract))`");
  private static final Pattern COMMAND = Pattern.compile("`(\\.ci/[a-z-]+)");

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "SECURITY.md"})
  void testsThatAPageNamesAreThere(String page) throws IOException {
    Set<String> named = named(TEST, page);
    assertThat(named).isNotEmpty();
    assertThat(classes()).containsAll(named);
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "SECURITY.md", "CONTRIBUTING.md", "docs/benchmarks.md"})
  void commandsThatAPageNamesAreThere(String page) throws IOException {
    Set<String> named = named(COMMAND, page);
    assertThat(named).isNotEmpty();
    assertThat(named).allMatch(command -> Files.isExecutable(CHECKOUT.resolve(command)));
  }

  private static Set<String> named(Pattern what, String page) throws IOException {
    return what.matcher(Files.readString(CHECKOUT.resolve(page)))
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> classes() throws IOException {
    try (Stream<Path> modules = Files.list(CHECKOUT)) {
      Set<String> classes = new TreeSet<>();
      for (Path tests :
          modules.map(module -> module.resolve("src/test/java")).filter(Files::exists).toList()) {
        try (Stream<Path> files = Files.walk(tests)) {
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".java"))
              .forEach(name -> classes.add(name.replace(".java", "")));
        }
      }
      return classes;
    }
  }
}
