package io.fileaudit.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Holds what the page is made of against what is said of it. */
class PageFilesTest {
  private static final Path FILES = Path.of("src/main/resources/io/fileaudit/server/page");
  private static final int MOST_BYTES = 100 * 1024;
  private static final Pattern IMPORT =
      Pattern.compile("(?:from|import)\\s*\\(?\\s*\"([^\"]+)\"|/ui/files/([A-Za-z0-9.-]+)");

  private static Set<String> names(String directory) throws IOException {
    try (Stream<Path> files = Files.list(FILES.resolve(directory))) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static String text(String name) throws IOException {
    return Files.readString(FILES.resolve(name));
  }

  @Test
  void everyFileOfTheAppIsServed() throws IOException {
    assertThat(PageFiles.OF_APP).isSorted().containsExactlyElementsOf(names("app"));
  }

  @Test
  void whatTheAppAsksForIsThere() throws IOException {
    Set<String> served = new TreeSet<>(PageFiles.OF_APP);
    served.addAll(PageFiles.VENDORED);
    List<String> askers =
        Stream.concat(
                Stream.of("ui.html"),
                PageFiles.OF_APP.stream()
                    .filter(name -> name.endsWith(".js"))
                    .map(name -> "app/" + name))
            .toList();
    for (String asker : askers) {
      Matcher asked = IMPORT.matcher(text(asker));
      while (asked.find()) {
        String name = asked.group(1) == null ? asked.group(2) : asked.group(1);
        assertThat(served).as("%s asks for it", asker).contains(name.replaceFirst("^\\./", ""));
      }
    }
  }

  @Test
  void pageIsSmall() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List<String> files =
        Stream.of(
                Stream.of("ui.html"),
                PageFiles.OF_APP.stream().map(name -> "app/" + name),
                PageFiles.VENDORED.stream().map(name -> "vendor/" + name))
            .flatMap(names -> names)
            .toList();
    for (String file : files) {
      try (GZIPOutputStream zipped = new GZIPOutputStream(all)) {
        zipped.write(Files.readAllBytes(FILES.resolve(file)));
      }
    }

    assertThat(all.size()).as("bytes of all files, each gzipped").isLessThan(MOST_BYTES);
  }

  @Test
  void vendoredFilesAreWhatTheListSays() throws IOException, NoSuchAlgorithmException {
    Set<String> listed = new TreeSet<>(Set.of("vendored.json"));
    for (JsonNode library : AuditJson.strict().readTree(text("vendor/vendored.json"))) {
      assertThat(library.at("/name").asString()).isNotEmpty();
      assertThat(library.at("/version").asString()).matches("\\d+\\.\\d+\\.\\d+");
      assertThat(library.at("/licence").asString()).isNotEmpty();
      assertThat(text("vendor/" + library.at("/licence_file").asString())).contains("Copyright");
      for (String name : library.at("/files").propertyNames()) {
        byte[] content = Files.readAllBytes(FILES.resolve("vendor").resolve(name));
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
        assertThat(library.at("/files").get(name).asString())
            .as(name)
            .isEqualTo(HexFormat.of().formatHex(digest));
        listed.add(name);
      }
    }

    assertThat(names("vendor")).isEqualTo(listed).containsAll(PageFiles.VENDORED);
  }

  @Test
  void nothingIsAskedOfOtherSitesAndNoTextIsTakenForMarkup() throws IOException {
    for (String name : PageFiles.OF_APP) {
      String own = new String(PageFiles.bytes("app/" + name), StandardCharsets.UTF_8);
      assertThat(own.replace("http://www.w3.org/2000/svg", ""))
          .as(name)
          .doesNotContain("http://", "https://", "url(");
      assertThat(own)
          .as(name)
          .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")
          .doesNotContain("setAttribute(\"style\"", "eval(");
    }
    assertThat(text("ui.html"))
        .doesNotContainPattern("<script(?![^>]* src=)")
        .doesNotContainPattern(" on\\w+=")
        .doesNotContain("style=", "http://", "https://");
  }
}
