package io.fileaudit.server.cli;

import io.fileaudit.r2dbc.PostgresSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which database rows are loaded into, and as whom. The password is found where psql finds it: in
 * the URL, in PGPASSWORD, in the password file.
 */
final class TargetSettings {
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private TargetSettings() {}

  /**
   * How the database is reached. Apart from the options, which are looked into by every command.
   *
   * @param to its URL; null for that of the environment
   * @throws CommandException where none is named, or it cannot be read
   */
  static PostgresSettings of(@Nullable String to, Environment environment) {
    String url = to == null ? environment.get("AUDIT_LOAD_URL") : to;
    if (url == null) {
      throw new CommandException(
          ExitCode.USAGE,
          "give the database to load into by --to postgresql://user@host:5432/database, or by"
              + " AUDIT_LOAD_URL");
    }
    try {
      String user = environment.get("PGUSER");
      PostgresSettings settings =
          PostgresSettings.parse(url, user == null ? environment.get("USER") : user);
      return settings.password().isEmpty()
          ? settings.withPassword(password(environment, settings))
          : settings;
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static String password(Environment environment, PostgresSettings settings) {
    String set = environment.variables().get("PGPASSWORD");
    if (set != null && !set.isEmpty()) {
      return set;
    }
    String named = environment.get("PGPASSFILE");
    Path file =
        named == null
            ? environment.home().resolve(".pgpass")
            : environment.workingDirectory().resolve(named);
    try {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        List<String> fields = fields(line);
        if (!line.startsWith("#") && fields.size() == 5 && matches(fields, settings)) {
          refuseWhereOthersRead(file);
          return fields.get(4);
        }
      }
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new CommandException(ExitCode.USAGE, file + " cannot be read: " + e.getMessage());
    }
    return "";
  }

  private static boolean matches(List<String> fields, PostgresSettings settings) {
    return matches(fields.get(0), settings.host())
        && matches(fields.get(1), Integer.toString(settings.port()))
        && matches(fields.get(2), settings.database())
        && matches(fields.get(3), settings.user());
  }

  private static boolean matches(String field, String value) {
    return field.equals("*") || field.equals(value);
  }

  private static void refuseWhereOthersRead(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
        && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
      throw new CommandException(
          ExitCode.USAGE, file + " can be read by others, so it is not used; chmod 600 " + file);
    }
  }

  /** The fields of a line, with {@code \:} for a colon and {@code \\} for a backslash in them. */
  private static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length()) {
        field.append(line.charAt(++i));
      } else if (c == ':') {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }
}
