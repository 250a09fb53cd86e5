package io.fileaudit.server.database;

import io.fileaudit.server.disk.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a cluster, starts its server and stops it, by PostgreSQL's own programs. */
final class ServerControl {
  private static final Logger log = LoggerFactory.getLogger(ServerControl.class);
  private static final Duration INITDB_LIMIT = Duration.ofMinutes(2);

  /** Long, because the start after a crash replays up to {@code max_wal_size} of log. */
  private static final Duration START_LIMIT = Duration.ofMinutes(5);

  /** Within the half minute that service managers usually grant for a stop. */
  private static final Duration FAST_STOP_LIMIT = Duration.ofSeconds(15);

  private static final Duration IMMEDIATE_STOP_LIMIT = Duration.ofSeconds(8);
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final int LOG_TAIL_LINES = 20;

  private final PostgresCommand command;
  private final Path cluster;
  private final Path logDirectory;

  ServerControl(PostgresCommand command, Path cluster, Path logDirectory) {
    this.command = command;
    this.cluster = cluster;
    this.logDirectory = logDirectory;
  }

  /** The major version of the programs, as it also stands in a cluster's PG_VERSION. */
  String majorVersion() throws IOException {
    PostgresCommand.Outcome outcome = command.run(GRACE, "postgres", "--version");
    if (!outcome.succeeded()) {
      throw new EmbeddedDatabaseException(
          "PostgreSQL's programs do not run on this machine: " + outcome.output());
    }
    // postgres (PostgreSQL) 18.3
    String version = outcome.output().substring(outcome.output().lastIndexOf(' ') + 1);
    return version.replaceFirst("\\D.*", "");
  }

  /**
   * Makes the cluster under another name and then renames it, so that a cluster is always whole.
   * The locale is PostgreSQL's own C.UTF-8: its order does not change with the system's libraries,
   * which would silently break indexes.
   */
  void createCluster(Path home, String superuserPassword) throws IOException {
    removeDrafts(home);
    Path draft = Files.createTempDirectory(home, "initdb-");
    Path passwordFile = home.resolve(draft.getFileName() + ".password");
    PrivateFiles.write(passwordFile, superuserPassword + "\n");
    try {
      PostgresCommand.Outcome outcome =
          command.run(
              INITDB_LIMIT,
              "initdb",
              "--pgdata=" + draft,
              "--username=" + Credentials.SUPERUSER,
              "--pwfile=" + passwordFile,
              "--auth=scram-sha-256",
              "--encoding=UTF8",
              "--locale=C",
              "--locale-provider=builtin",
              "--builtin-locale=C.UTF-8",
              "--no-instructions");
      if (!outcome.succeeded()) {
        throw new EmbeddedDatabaseException("initdb failed: " + outcome.output());
      }
    } finally {
      Files.delete(passwordFile);
    }
    Files.move(draft, cluster);
  }

  private static void removeDrafts(Path home) throws IOException {
    try (Stream<Path> files = Files.list(home)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith("initdb-")) {
          Folders.delete(file);
        }
      }
    }
  }

  /**
   * Starts the server and returns when it takes connections. It is a process of its own session: a
   * Ctrl-C in the terminal reaches the service alone, which then stops the server last.
   */
  void start() throws IOException {
    Path startLog = logDirectory.resolve("start.log");
    PrivateFiles.write(startLog, "");
    PostgresCommand.Outcome outcome =
        command.run(
            START_LIMIT.plus(GRACE),
            "pg_ctl",
            "start",
            "--pgdata=" + cluster,
            "--log=" + startLog,
            "--wait",
            "--timeout=" + START_LIMIT.toSeconds());
    if (!outcome.succeeded()) {
      throw new EmbeddedDatabaseException(
          "PostgreSQL does not start on " + cluster + "; its log ends:\n" + logTail(startLog));
    }
  }

  private String logTail(Path startLog) throws IOException {
    try (Stream<Path> files = Files.list(logDirectory)) {
      Optional<Path> newest =
          files
              .filter(file -> !file.equals(startLog))
              .max(Comparator.comparingLong(file -> file.toFile().lastModified()));
      return Stream.concat(Stream.of(startLog), newest.stream())
          .flatMap(file -> lastLines(file).stream())
          .collect(Collectors.joining("\n"));
    }
  }

  private static List<String> lastLines(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      return lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size());
    } catch (IOException e) {
      return List.of(file + " cannot be read: " + e.getMessage());
    }
  }

  /**
   * Stops the server: in order if it manages within the limit, else at once, which costs a recovery
   * at the next start but no committed data. Does nothing where none runs.
   */
  void stop() throws IOException {
    PostmasterFile file = new PostmasterFile(cluster);
    // Looked at before each step, since pg_ctl signals whatever process the file names.
    if (file.server().isEmpty() || stop("fast", FAST_STOP_LIMIT)) {
      return;
    }
    log.warn("PostgreSQL did not stop in order; stopping it at once");
    if (file.server().isEmpty() || stop("immediate", IMMEDIATE_STOP_LIMIT)) {
      return;
    }
    file.server()
        .ifPresent(
            server -> {
              log.warn("PostgreSQL does not react; killing process {}", server.pid());
              server.destroyForcibly();
            });
  }

  private boolean stop(String mode, Duration limit) throws IOException {
    return command
        .run(
            limit.plus(GRACE),
            "pg_ctl",
            "stop",
            "--pgdata=" + cluster,
            "--mode=" + mode,
            "--wait",
            "--timeout=" + limit.toSeconds())
        .succeeded();
  }
}
