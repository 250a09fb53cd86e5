package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.server.evidence.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A signing key for several nodes is made before the first of them starts. */
class NewSigningKeyTest {
  @TempDir Path directory;

  @Test
  void isOneThatANodeReads() throws IOException {
    CommandRun.Result made = new CommandRun().in(directory).run("key", "--new-signing-key");
    Path file = Files.writeString(directory.resolve("signing.key"), made.out());

    assertThat(made.exitCode()).isZero();
    assertThat(SigningKey.fromFile(file).signer().secret()).isEqualTo(made.out().strip());
  }

  @Test
  void isAnotherEachTime() {
    CommandRun command = new CommandRun().in(directory);

    assertThat(command.run("key", "--new-signing-key").out())
        .isNotEqualTo(command.run("key", "--new-signing-key").out());
  }

  @Test
  void isNotAskedForTogetherWithAnotherKey() {
    assertThat(
            new CommandRun().in(directory).run("key", "--new-signing-key", "--public").exitCode())
        .isEqualTo(2);
  }
}
