package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.json.AuditJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Reads which files are expected from a list: a name a line, or a JSON object a line, which is one
 * that begins with a brace. Blank lines say nothing.
 */
final class ExpectedList {
  private ExpectedList() {}

  /**
   * What is expected; null where nothing was said.
   *
   * @param list the file of the list, {@code -} for stdin
   * @throws CommandException where the list cannot be read, by its line
   */
  static @Nullable Expected expected(
      Environment environment,
      @Nullable Long count,
      @Nullable String pattern,
      @Nullable Path list) {
    if (list == null) {
      return count == null ? null : new Expected(count, pattern, List.of());
    }
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Input.open(environment, list), StandardCharsets.UTF_8.newDecoder()))) {
      return new Expected(count, pattern, files(list, lines));
    } catch (CharacterCodingException e) {
      throw new CommandException(ExitCode.USAGE, list + " is not in UTF-8");
    } catch (IOException e) {
      throw new CommandException(ExitCode.USAGE, list + " cannot be read: " + e.getMessage());
    }
  }

  private static List<ExpectedFile> files(Path list, BufferedReader lines) throws IOException {
    List<ExpectedFile> files = new ArrayList<>();
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      String text = number == 1 && line.startsWith("\ufeff") ? line.substring(1) : line;
      if (!text.isBlank()) {
        files.add(text.stripLeading().startsWith("{") ? object(list, number, text) : named(text));
      }
    }
    return files;
  }

  private static ExpectedFile named(String name) {
    return new ExpectedFile(name, null, null, null);
  }

  private static ExpectedFile object(Path list, int number, String json) {
    try {
      return AuditJson.strict().readValue(json, ExpectedFile.class);
    } catch (JacksonException e) {
      throw new CommandException(
          ExitCode.USAGE, list + ", line " + number + ": " + e.getOriginalMessage());
    }
  }
}
