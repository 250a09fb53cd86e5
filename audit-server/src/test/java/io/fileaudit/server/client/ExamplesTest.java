package io.fileaudit.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example of the README, of docs/client.md and of the client's Javadoc compiles. */
class ExamplesTest {
  private static final Path ROOT = Path.of("..");
  private static final Path CLIENT =
      ROOT.resolve("audit-api/src/main/java/io/fileaudit/api/client");
  private static final Pattern FENCED = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern JAVADOC =
      Pattern.compile("<pre>\\{@code\\n(.*?)\\}</pre>", Pattern.DOTALL);

  /** What examples find around them. */
  private static final String FRAME =
      """
      import static org.assertj.core.api.Assertions.assertThat;
      import io.fileaudit.api.batch.*;
      import io.fileaudit.api.client.*;
      import io.fileaudit.api.event.*;
      import io.fileaudit.server.*;
      import java.nio.file.*;
      import java.time.*;
      import java.util.*;
      import reactor.core.publisher.*;

      class Example {
        static class Loader {
          Loader(AuditClient client) {}
          void load(Path directory) {}
        }
        static long load(Path file) { return 1; }
        static final List<Path> files = List.of();
        static final Path directory = Path.of(".");
        static final String file = "a", sha256 = "sha256:00", key = "ak";
        static final long rows = 1, bytes = 1;
        static final Flux<FileEvent> events = Flux.empty();
        static final BatchSpec spec = BatchSpec.builder().build();
        static final AuditClient reactive = null;

        void example(%s) throws Exception {
      %s
        }
      }
      """;

  @TempDir private Path target;

  static Stream<String> examples() throws IOException {
    List<String> found = new ArrayList<>();
    found.addAll(fenced(ROOT.resolve("README.md")));
    found.addAll(fenced(ROOT.resolve("docs/client.md")));
    try (Stream<Path> sources = Files.list(CLIENT)) {
      for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
        Matcher matcher = JAVADOC.matcher(Files.readString(source));
        while (matcher.find()) {
          found.add(matcher.group(1).replaceAll("(?m)^ *\\* ?", "").replace("…", ""));
        }
      }
    }
    return found.stream();
  }

  private static List<String> fenced(Path page) throws IOException {
    List<String> found = new ArrayList<>();
    Matcher matcher = FENCED.matcher(Files.readString(page));
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    assertThat(found).as("examples of %s", page).isNotEmpty();
    return found;
  }

  @ParameterizedTest
  @MethodSource("examples")
  void itCompiles(String example) throws IOException {
    boolean makesItsClient = example.contains("client =") || example.contains("client = ");
    boolean reactiveForm = example.contains("client.open(spec).flatMap");
    String parameter =
        makesItsClient ? "" : reactiveForm ? "AuditClient client" : "BlockingAuditClient client";

    assertThat(Compiled.of(target, "Example", FRAME.formatted(parameter, example))).isNotNull();
  }
}
