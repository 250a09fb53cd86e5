package io.fileaudit.r2dbc.test;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Starts a throw-away server and leaves it to a watchdog: a shell that reads from this JVM, and
 * when nothing comes any more stops the server and removes its files. So a JVM that is killed
 * leaves no server behind either.
 */
final class ServerProcess {
  /**
   * A pool that is closed while it connects leaves a login half done, which DROP DATABASE waits
   * for.
   */
  private static final String CONFIGURATION =
      """
      fsync = off
      synchronous_commit = off
      full_page_writes = off
      checkpoint_timeout = 1h
      max_wal_size = 1GB
      max_connections = 200
      unix_socket_directories = ''
      jit = off
      timezone = 'UTC'
      authentication_timeout = 2s
      """;

  /** The administrator needs no password, or the servers could not be made ready. */
  private static final String ACCESS =
      """
      host all postgres samehost trust
      host all all samehost scram-sha-256
      """;

  private static final String WATCHDOG =
      """
      trap '' INT TERM HUP
      cat > /dev/null
      pid_file="$1/data/postmaster.pid"
      pid=$(head -n 1 "$pid_file")
      # Should the server be gone already, its number may be another process's by now.
      { cat "/proc/$pid/cmdline" || ps -o args= -p "$pid"; } | grep -qaF "$1/data" && kill -QUIT "$pid"
      n=0
      while [ -e "$pid_file" ] && [ $n -lt 100 ]; do sleep 0.05; n=$((n + 1)); done
      rm -rf "$1"
      """;

  private static final boolean ROOT =
      ProcessHandle.current().info().user().filter("root"::equals).isPresent();
  private static final String USER = "postgres";
  private static final Path MEMORY = Path.of("/dev/shm");
  private static final long ENOUGH_BYTES = 4L << 30;
  private static final int COMMAND_SECONDS = 60;

  /** Held, since a process that nobody refers to has its streams closed when collected. */
  private static final List<Process> WATCHDOGS = new CopyOnWriteArrayList<>();

  private ServerProcess() {}

  /** Starts the PostgreSQL of the test dependencies and tells its port. */
  static int startEmbedded() {
    try {
      Path home = makeHome("audit-postgresql-18-");
      File log = home.resolve("server.log").toFile();
      EmbeddedPostgres server =
          EmbeddedPostgres.builder()
              .setDataDirectory(home.resolve("data"))
              .setRegisterShutdownHook(false)
              .setLocaleConfig("locale", "C")
              .setLocaleConfig("locale-provider", "builtin")
              .setLocaleConfig("builtin-locale", "C.UTF-8")
              .setDataDirectoryCustomizer(data -> configure(data.toPath(), CONFIGURATION))
              .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log))
              .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log))
              .start();
      return server.getPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path debianPrograms(int major) {
    return Path.of("/usr/lib/postgresql/" + major + "/bin");
  }

  /** The folder with the programs of that major version, where it is installed. */
  static Optional<Path> findInstalled(int major) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(
            Stream.of(path.split(File.pathSeparator)).map(Path::of),
            Stream.of(debianPrograms(major)))
        .filter(folder -> Files.isExecutable(folder.resolve("initdb")))
        .filter(folder -> isVersion(folder, major))
        .findFirst();
  }

  private static boolean isVersion(Path folder, int major) {
    // initdb (PostgreSQL) 15.12 (Debian 15.12-0+deb12u2)
    return run(List.of(folder.resolve("initdb").toString(), "--version"))
        .contains("(PostgreSQL) " + major + ".");
  }

  /** Starts an installed PostgreSQL and tells its port; root does it as the user postgres. */
  static int startInstalled(Path programs) {
    try {
      Path home = makeHome("audit-postgresql-installed-");
      if (ROOT) {
        Files.setOwner(
            home, home.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
      }
      Path data = home.resolve("data");
      int port = freePort();
      run(
          asServerUser(
              programs.resolve("initdb").toString(),
              "--pgdata=" + data,
              "--username=postgres",
              "--auth=trust",
              "--encoding=UTF8",
              "--locale=C.UTF-8",
              "--no-sync"));
      configure(data, CONFIGURATION + "listen_addresses = '127.0.0.1'\nport = " + port + "\n");
      run(
          asServerUser(
              programs.resolve("pg_ctl").toString(),
              "--pgdata=" + data,
              "--log=" + home.resolve("server.log"),
              "--wait",
              "start"));
      return port;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * In memory where there is room for it: a fresh database is some 300 files, and on a disk that a
   * build keeps busy making them takes five times as long.
   */
  private static Path makeHome(String prefix) throws IOException {
    boolean memory = Files.isWritable(MEMORY) && MEMORY.toFile().getUsableSpace() > ENOUGH_BYTES;
    Path home =
        memory ? Files.createTempDirectory(MEMORY, prefix) : Files.createTempDirectory(prefix);
    watch(home);
    return home;
  }

  private static void configure(Path data, String configuration) {
    try {
      Files.writeString(
          data.resolve("postgresql.conf"), "\n" + configuration, StandardOpenOption.APPEND);
      Files.writeString(data.resolve("pg_hba.conf"), ACCESS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> asServerUser(String... command) {
    List<String> all = new ArrayList<>();
    if (ROOT) {
      all.addAll(List.of("runuser", "-u", USER, "--"));
    }
    all.addAll(List.of(command));
    return all;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket =
        new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
      return socket.getLocalPort();
    }
  }

  private static void watch(Path home) throws IOException {
    WATCHDOGS.add(
        new ProcessBuilder("sh", "-c", WATCHDOG, "sh", home.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /** What the command printed; it must succeed. */
  private static String run(List<String> command) {
    try {
      File printed = File.createTempFile("audit-postgresql-", ".out");
      try {
        Process process =
            new ProcessBuilder(command)
                .directory(new File("/"))
                .redirectErrorStream(true)
                .redirectOutput(printed)
                .start();
        boolean ended = process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
          process.destroyForcibly();
        }
        String output = Files.readString(printed.toPath());
        if (!ended || process.exitValue() != 0) {
          throw new IllegalStateException(command + " failed: " + output);
        }
        return output;
      } finally {
        Files.delete(printed.toPath());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }
}
