package io.fileaudit.server.cli;

import io.fileaudit.api.evidence.NoteKey;
import io.fileaudit.core.evidence.LogKeys;
import io.fileaudit.server.evidence.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The key that evidence is verified by. */
final class TrustedKey {
  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "what verifies the log's signatures, name+id+base64 or a file with it"
              + " (else that of the data directory, which `audit key --public` prints)")
  private @Nullable String given;

  /** The key that was given. */
  Optional<NoteKey> given(Environment environment) {
    String text = given;
    if (text == null) {
      return Optional.empty();
    }
    try {
      // No name of a file has as many plus signs and as few other things.
      Path file = text.indexOf('+') > 0 ? null : environment.workingDirectory().resolve(text);
      return Optional.of(
          NoteKey.read(file == null ? text : Files.readString(file, StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new CommandException(ExitCode.USAGE, "the key " + text + " cannot be read: " + e);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "--key: " + e.getMessage());
    }
  }

  /** The key of this machine's service, where there is one that may be read. */
  static Optional<NoteKey> own(Environment environment, @Nullable Path data) {
    String file = environment.get("AUDIT_SIGNING_KEY_FILE");
    try {
      if (data == null && file != null) {
        Path secret = environment.workingDirectory().resolve(file);
        return Optional.of(
            LogKeys.read(Files.readString(secret, StandardCharsets.UTF_8)).signer().key());
      }
      Path open = environment.dataDirectory(data).resolve(SigningKey.PUBLIC_FILE);
      return Optional.of(NoteKey.read(Files.readString(open, StandardCharsets.UTF_8)));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
