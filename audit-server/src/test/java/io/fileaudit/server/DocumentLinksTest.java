package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What README, docs and deploy refer to in the repository is there, headings too. */
class DocumentLinksTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("^#{1,6} +(.*)$");
  private static final Pattern ELSEWHERE = Pattern.compile("^[a-z]+:.*");

  static Stream<Path> documents() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String name : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")) {
      all.add(ROOT.resolve(name));
    }
    for (String folder : List.of("docs", "deploy")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(all::add);
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyLinkLeadsSomewhere(Path document) throws IOException {
    assertThat(broken(document, Files.readString(document))).isEmpty();
  }

  @Test
  void brokenLinksAreFound() throws IOException {
    Path document = ROOT.resolve("README.md");
    assertThat(broken(document, "# A b\n[x](docs/none.md) [y](#a-b) [z](#c) [w](docs/wire.md#no)"))
        .containsExactly("docs/none.md", "#c", "docs/wire.md#no");
    assertThat(broken(document, "```\n[x](none)\n```\n`[y](none)`")).isEmpty();
  }

  private static List<String> broken(Path document, String text) throws IOException {
    List<String> broken = new ArrayList<>();
    Matcher links = LINK.matcher(withoutCode(text));
    while (links.find()) {
      String link = links.group(1);
      if (!ELSEWHERE.matcher(link).matches() && !leadsSomewhere(document, text, link)) {
        broken.add(link);
      }
    }
    return broken;
  }

  private static boolean leadsSomewhere(Path document, String text, String link)
      throws IOException {
    int hash = link.indexOf('#');
    String file = hash < 0 ? link : link.substring(0, hash);
    Path target =
        file.isEmpty() ? document : document.resolveSibling(file).toAbsolutePath().normalize();
    if (!Files.exists(target)) {
      return false;
    }
    if (hash < 0 || !target.toString().endsWith(".md")) {
      return true;
    }
    String there = file.isEmpty() ? text : Files.readString(target);
    return anchors(there).contains(link.substring(hash + 1));
  }

  private static String withoutCode(String text) {
    return text.replaceAll("(?ms)^ *```.*?^ *```", "").replaceAll("`[^`\n]*`", "");
  }

  /** The anchors of headings as GitHub makes them. */
  private static Set<String> anchors(String text) {
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> times = new HashMap<>();
    for (String line : text.replaceAll("(?ms)^ *```.*?^ *```", "").split("\n")) {
      Matcher heading = HEADING.matcher(line);
      if (heading.matches()) {
        String anchor =
            heading
                .group(1)
                .replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
                .toLowerCase(Locale.ROOT)
                .strip()
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
        int before = times.merge(anchor, 1, Integer::sum) - 1;
        anchors.add(before == 0 ? anchor : anchor + "-" + before);
      }
    }
    return anchors;
  }
}
