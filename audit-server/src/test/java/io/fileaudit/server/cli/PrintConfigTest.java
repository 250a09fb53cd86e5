package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.server.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code audit serve --print-config}: what would hold, without anything being begun. */
class PrintConfigTest {
  @TempDir Path directory;

  private CommandRun command() {
    return new CommandRun().in(directory);
  }

  @Test
  void everySettingIsPrintedWithWhereItComesFrom() {
    CommandRun.Result printed =
        command()
            .set("AUDIT_MAX_IDLE", "PT5M")
            .set("AUDIT_LOG", "text")
            .set("ETL_INTERNAL_CONCURRENCY", "2")
            .run("serve", "--print-config", "--port", "9000", "--log", "json");

    assertThat(printed.exitCode()).isZero();
    assertThat(printed.err()).isEmpty();
    assertThat(printed.lines())
        .extracting(line -> line.substring(0, line.indexOf('=')))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Setting.values()).map(Setting::name).toList());
    assertThat(printed.lines())
        .contains(
            "AUDIT_PORT=9000  # option --port",
            "AUDIT_LOG=json  # option --log",
            "AUDIT_MAX_IDLE=PT5M  # environment",
            "AUDIT_WRITE_CONCURRENCY=2  # environment (ETL_INTERNAL_CONCURRENCY)",
            "AUDIT_START_TIMEOUT=PT30M  # default",
            "AUDIT_DATA=" + directory.resolve("home").resolve(".audit") + "  # default");
  }

  @Test
  void secretsAreMasked() {
    CommandRun.Result printed =
        command()
            .set("AUDIT_DB", "postgresql://audit:very-secret@db:5432/audit")
            .run("serve", "--print-config");

    assertThat(printed.out()).contains("AUDIT_DB=***  # environment").doesNotContain("very-secret");
  }

  @Test
  void allThatIsWrongIsToldTogether() {
    CommandRun.Result printed =
        command()
            .set("AUDIT_MAX_IDLE", "soon")
            .set("AUDIT_KAFKA", "no port")
            .set("AUDIT_MAX_IDEL", "PT1M")
            .run("serve", "--print-config", "--port", "http");

    assertThat(printed.exitCode()).isEqualTo(2);
    assertThat(printed.out()).isEmpty();
    assertThat(printed.err())
        .contains("AUDIT_MAX_IDLE", "AUDIT_KAFKA", "AUDIT_MAX_IDEL", "AUDIT_PORT is \"http\"");
  }

  @Test
  void nothingIsBegun() throws IOException {
    command()
        .set("AUDIT_DB", "postgresql://audit:x@127.0.0.1:1/audit")
        .run("serve", "--print-config");

    try (Stream<Path> made = Files.list(directory)) {
      assertThat(made.toList()).isEqualTo(List.of());
    }
  }
}
