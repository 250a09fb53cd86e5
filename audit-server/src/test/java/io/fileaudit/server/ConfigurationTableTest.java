package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the table of settings in the documentation against the settings that there are. */
class ConfigurationTableTest {
  private static final Path PAGE = Path.of("..", "docs", "configuration.md");

  @Test
  void tableHasEverySettingWithItsDefaultAndMeaning() throws IOException {
    List<String> rows;
    try (Stream<String> lines = Files.lines(PAGE)) {
      rows = lines.filter(line -> line.startsWith("| `AUDIT_")).toList();
    }

    assertThat(rows)
        .containsExactlyElementsOf(
            Stream.of(Setting.values()).map(ConfigurationTableTest::row).toList());
  }

  private static String row(Setting setting) {
    String standard = setting.standard().isEmpty() ? "none" : "`" + setting.standard() + "`";
    return "| `%s` | `%s` | %s | %s |"
        .formatted(setting.name(), setting.property(), standard, setting.meaning());
  }
}
