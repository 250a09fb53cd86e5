package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.server.cli.CommandRun.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code audit load} as far as no database is reached. */
class LoadCommandTest {
  private static final String NOBODY = "postgresql://me:sesame@127.0.0.1:1/db";

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "--jobs 0, --jobs is 0",
        "--jobs 65, expected 1 to 64",
        "--max-bad-rows -1, --max-bad-rows is -1",
        "--delimiter ;;, one character",
        "--delimiter \", other than the quote",
        "--quote é, ASCII",
        "--encoding utf-99, --encoding is",
        "--patience soon, PT1M",
        "--expected-files nowhere, nowhere is not there",
        "in/*.txt, matches no file"
      })
  void whatCannotBeMeantIsNamed(String arguments, String named) {
    String[] all = ("load in --to " + NOBODY + " --table t " + arguments).split(" ");

    Result result = new CommandRun().in(directory).set("AUDIT_KEY", "ak_x").run(all);

    assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(named).doesNotContain("sesame");
  }

  @Test
  void whatIsNotThereIsNamedBeforeAnythingIsOpened() {
    CommandRun command = new CommandRun().in(directory).set("AUDIT_KEY", "ak_x");
    Result result = command.run("load", "no-such.csv", "--table", "t", "--to", NOBODY);
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("there is no no-such.csv");
  }

  @Test
  void databaseIsNeededAndItsPasswordIsNotShown() throws IOException {
    Files.createDirectories(directory.resolve("in"));
    CommandRun command = new CommandRun().in(directory).set("AUDIT_KEY", "ak_x");

    Result none = command.run("load", "in", "--table", "t");
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).contains("--to postgresql://", "AUDIT_LOAD_URL");
    Result nobody = command.run("load", "in", "--table", "t", "--to", NOBODY);
    assertThat(nobody.exitCode()).isEqualTo(5);
    assertThat(nobody.err()).contains("does not answer").doesNotContain("sesame");
    Result wrong = command.run("load", "in", "--table", "t", "--to", "mysql://me:sesame@h/db");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("postgresql://").doesNotContain("sesame");
    Result unreadable =
        command.run("load", "in", "--table", "t", "--to", "postgresql://me:ses ame@h/db");
    assertThat(unreadable.exitCode()).isEqualTo(2);
    assertThat(unreadable.err()).doesNotContain("ses ame");
  }

  @Test
  void passwordIsFoundWherePsqlFindsIt() throws IOException {
    CommandRun command = new CommandRun().in(directory).set("USER", "someone");
    assertThat(settings(command, "postgresql://h/db").user()).isEqualTo("someone");
    assertThat(settings(command, "postgresql://h/db").password()).isEmpty();

    Path file = directory.resolve("home/.pgpass");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file, "# h:*:*:*:no\nother:5432:db:me:no\nh:5432:db:me:a\\:b\\\\c\n*:*:*:*:any\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(settings(command, "postgresql://me@h/db").password()).isEqualTo("a:b\\c");
    assertThat(settings(command, "r2dbc:postgresql://me@h:5433/db").password()).isEqualTo("any");

    command.set("PGPASSWORD", "set").set("PGUSER", "pg");
    assertThat(settings(command, "postgresql://h/db").user()).isEqualTo("pg");
    assertThat(settings(command, "postgresql://me@h/db").password()).isEqualTo("set");
    assertThat(settings(command, "postgresql://me:url@h/db").password()).isEqualTo("url");
  }

  @Test
  void passwordFileThatOthersReadIsNotUsed() throws IOException {
    Path file = directory.resolve("passwords");
    Files.writeString(file, "*:*:*:*:sesame\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    CommandRun command = new CommandRun().in(directory).set("PGPASSFILE", "passwords");

    Assertions.assertThatThrownBy(() -> settings(command, "postgresql://me@h/db"))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("chmod 600")
        .hasMessageNotContaining("sesame");
  }

  private static PostgresSettings settings(CommandRun command, String url) {
    return TargetSettings.of(url, command.environment());
  }
}
