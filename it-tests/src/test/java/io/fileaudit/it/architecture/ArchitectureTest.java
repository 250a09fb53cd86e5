package io.fileaudit.it.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the main code of every module to the architecture's rules. */
class ArchitectureTest {
  private static final Map<String, String> PACKAGE_OF_MODULE =
      Map.of(
          "audit-api", "io.fileaudit.api",
          "audit-reactive-core", "io.fileaudit.core",
          "audit-r2dbc", "io.fileaudit.r2dbc",
          "audit-server", "io.fileaudit.server");

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(
              location -> !location.contains("/test-classes/") && !location.contains("-tests.jar"))
          .importPackages(PACKAGE_OF_MODULE.values());

  @Test
  void everySourceFileIsJudged() {
    Set<String> judged = MAIN.stream().map(JavaClass::getName).collect(Collectors.toSet());

    List<String> sources =
        PACKAGE_OF_MODULE.keySet().stream().flatMap(module -> sources(module).stream()).toList();

    assertThat(sources).isNotEmpty().isSubsetOf(judged);
  }

  @Test
  void everyModuleKeepsToItsPackage() {
    assertThat(PACKAGE_OF_MODULE)
        .allSatisfy(
            (module, name) ->
                assertThat(sources(module))
                    .allMatch(type -> type.startsWith(name + "."), "lies in " + name));
  }

  @Test
  void packagesHaveNoCycles() {
    ArchitectureRules.NO_PACKAGE_CYCLES.check(MAIN);
  }

  @Test
  void kafkaIsKnownToOnePackage() {
    ArchitectureRules.KAFKA_IN_ONE_PACKAGE.check(MAIN);
  }

  @Test
  void databaseIsKnownToOneModule() {
    ArchitectureRules.DATABASE_IN_ONE_MODULE.check(MAIN);
  }

  @Test
  void jdbcIsForMigrationsOnly() {
    ArchitectureRules.JDBC_IN_MIGRATIONS_ONLY.check(MAIN);
  }

  @Test
  void nothingWaitsForAPublisher() {
    ArchitectureRules.NOTHING_WAITS_FOR_A_PUBLISHER.check(MAIN);
  }

  @Test
  void nothingSleeps() {
    ArchitectureRules.NOTHING_SLEEPS.check(MAIN);
  }

  @Test
  void clocksAreGiven() {
    ArchitectureRules.CLOCKS_ARE_GIVEN.check(MAIN);
  }

  @Test
  void consoleIsForTheCommandLine() {
    ArchitectureRules.CONSOLE_IS_FOR_THE_COMMAND_LINE.check(MAIN);
  }

  /** The top-level types that a module's source files declare, by their full names. */
  private static List<String> sources(String module) {
    Path root = Path.of(System.getProperty("basedir", ""), "..", module, "src", "main", "java");
    if (!Files.exists(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(file -> file.endsWith(".java") && !file.endsWith("-info.java"))
          .map(file -> file.substring(0, file.length() - ".java".length()))
          .map(file -> file.replace(root.getFileSystem().getSeparator(), "."))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
