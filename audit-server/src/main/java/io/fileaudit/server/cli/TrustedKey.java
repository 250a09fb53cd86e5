package io.fileaudit.server.cli;

import io.fileaudit.api.evidence.NoteKey;
import io.fileaudit.api.evidence.SignedNote;
import io.fileaudit.core.evidence.LogKeys;
import io.fileaudit.server.evidence.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The key that evidence is verified by. */
final class TrustedKey {
  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "what verifies the log's signatures, name+id+base64 or a file with such lines; may be"
              + " repeated, as for what was signed before the key was changed (else that of the"
              + " data directory, which `audit key --public` prints)")
  private List<String> given = new ArrayList<>();

  /**
   * The key for that note: of those that were given the one that it names, else the first, for it
   * has to be of one of them; where none was given that of this machine, for what names it.
   */
  Optional<NoteKey> of(String note, Environment environment, @Nullable Path data) {
    List<NoteKey> keys = given.stream().flatMap(text -> read(environment, text)).toList();
    Optional<NoteKey> first = keys.stream().findFirst();
    return Stream.concat(
            keys.stream(), own(environment, data).filter(own -> keys.isEmpty()).stream())
        .filter(key -> SignedNote.names(note, key))
        .findFirst()
        .or(() -> first);
  }

  private static Stream<NoteKey> read(Environment environment, String text) {
    try {
      // No name of a file has as many plus signs and as few other things.
      Path file = text.indexOf('+') > 0 ? null : environment.workingDirectory().resolve(text);
      String lines = file == null ? text : Files.readString(file, StandardCharsets.UTF_8);
      return lines.strip().lines().filter(line -> !line.isBlank()).map(TrustedKey::key);
    } catch (NoSuchFileException e) {
      throw new CommandException(ExitCode.USAGE, "the key " + text + " is not there");
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.USAGE, "the key " + text + " cannot be read; it is one line of text");
    }
  }

  private static NoteKey key(String line) {
    try {
      return NoteKey.read(line);
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
