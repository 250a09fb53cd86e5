package io.fileaudit.server.database;

import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The service's own PostgreSQL could not be started, or may not be used. The message says what to
 * do; the subclasses are the causes that a caller may want to tell apart.
 */
public class EmbeddedDatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EmbeddedDatabaseException(String message) {
    this(message, null);
  }

  EmbeddedDatabaseException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Another service runs on the same data directory. */
  public static final class InUse extends EmbeddedDatabaseException {
    private static final long serialVersionUID = 1L;
    private final long pid;

    InUse(Path directory, OptionalLong pid) {
      super(
          "the data directory "
              + directory
              + " is in use by "
              + (pid.isPresent() ? "process " + pid.getAsLong() : "another process")
              + "; stop that one or give this one another directory");
      this.pid = pid.orElse(-1);
    }

    /** The process that holds the directory, where it could be read. */
    public OptionalLong pid() {
      return pid < 0 ? OptionalLong.empty() : OptionalLong.of(pid);
    }
  }

  /** The data was made by another major version of PostgreSQL than the one brought along. */
  public static final class VersionMismatch extends EmbeddedDatabaseException {
    private static final long serialVersionUID = 1L;
    private final String found;
    private final String needed;

    VersionMismatch(Path cluster, String found, String needed) {
      super(
          "the data in "
              + cluster
              + " is of PostgreSQL "
              + found
              + ", this service brings PostgreSQL "
              + needed
              + ", which cannot read it. Run the release that made it, or move the data by pg_dump"
              + " and pg_restore into a new data directory");
      this.found = found;
      this.needed = needed;
    }

    /** The major version that made the data. */
    public String found() {
      return found;
    }

    /** The major version that the service brings. */
    public String needed() {
      return needed;
    }
  }

  /** The server runs with a setting under which a commit may be lost. */
  public static final class UnsafeSetting extends EmbeddedDatabaseException {
    private static final long serialVersionUID = 1L;
    private final String setting;
    private final String value;

    UnsafeSetting(String setting, String value) {
      super(
          "PostgreSQL runs with "
              + setting
              + " = "
              + value
              + ", under which an acknowledged event may be lost; it must be on. Look for it in"
              + " local.conf and postgresql.auto.conf");
      this.setting = setting;
      this.value = value;
    }

    public String setting() {
      return setting;
    }

    public String value() {
      return value;
    }
  }

  /** The port that was asked for is not free. */
  public static final class PortTaken extends EmbeddedDatabaseException {
    private static final long serialVersionUID = 1L;
    private final int port;

    PortTaken(int port) {
      super(
          "port "
              + port
              + " on 127.0.0.1 is taken by another program; give another one for the database, or"
              + " none to have one chosen");
      this.port = port;
    }

    public int port() {
      return port;
    }
  }
}
