package io.fileaudit.server.database;

import io.fileaudit.server.disk.PrivateFiles;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Properties;

/** The passwords of the database's three roles: random, made once, kept in a file of mode 0600. */
record Credentials(String superuserPassword, String ownerPassword, String servicePassword) {
  static final String SUPERUSER = "postgres";
  static final String OWNER = "audit_owner";
  static final String SERVICE = "audit_service";

  private static final int PASSWORD_BYTES = 32;

  /** New passwords of 256 random bits each. */
  static Credentials random() {
    SecureRandom random = new SecureRandom();
    return new Credentials(password(random), password(random), password(random));
  }

  private static String password(SecureRandom random) {
    byte[] bytes = new byte[PASSWORD_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  void save(Path file) throws IOException {
    PrivateFiles.write(
        file,
        """
        # The passwords of the service's own PostgreSQL. Without this file its data cannot be read.
        %s=%s
        %s=%s
        %s=%s
        """
            .formatted(
                SUPERUSER, superuserPassword, OWNER, ownerPassword, SERVICE, servicePassword));
  }

  /** Reads them back, and closes the file to others should someone have opened it to them. */
  static Credentials load(Path file) throws IOException {
    PrivateFiles.restrict(file);
    Properties lines = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      lines.load(reader);
    }
    return new Credentials(
        required(lines, SUPERUSER, file),
        required(lines, OWNER, file),
        required(lines, SERVICE, file));
  }

  private static String required(Properties lines, String role, Path file) {
    String password = lines.getProperty(role, "");
    if (password.isEmpty()) {
      throw new EmbeddedDatabaseException(
          "the password of " + role + " is missing in " + file + "; restore that file");
    }
    return password;
  }

  /** Without the passwords, which must not reach a log. */
  @Override
  public String toString() {
    return "Credentials[…]";
  }
}
