package io.fileaudit.server.database;

import java.nio.file.Path;

/**
 * Where the service's own PostgreSQL keeps its data and where it listens.
 *
 * @param dataDirectory the service's data directory; everything of the database goes into its
 *     folder {@code postgresql}, which is made at the first start and kept
 * @param port the TCP port on 127.0.0.1, or 0 for the port of the last start (a free one at the
 *     first start, and when that port has been taken by another program since)
 * @param programsDirectory where the server's programs are unpacked (about 60 MB); several data
 *     directories may share one. Only users who may run the service may be able to write there
 */
public record EmbeddedDatabaseOptions(Path dataDirectory, int port, Path programsDirectory) {
  static final String FOLDER = "postgresql";

  public EmbeddedDatabaseOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port is " + port + ", it must be 0 to 65535");
    }
    requirePlainPath(dataDirectory);
    requirePlainPath(programsDirectory);
  }

  /** The programs are unpacked inside the data directory. */
  public EmbeddedDatabaseOptions(Path dataDirectory, int port) {
    this(dataDirectory, port, dataDirectory.resolve(FOLDER).resolve("programs"));
  }

  /** PostgreSQL's own starter hands paths to a shell inside double quotes. */
  private static void requirePlainPath(Path path) {
    String text = path.toAbsolutePath().toString();
    if (text.chars().anyMatch(c -> c == '"' || c == '$' || c == '`' || c < ' ')) {
      throw new IllegalArgumentException(
          "the path " + text + " has one of the characters \" $ ` which PostgreSQL cannot take");
    }
  }
}
