package io.fileaudit.server.database;

import io.fileaudit.server.disk.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The file {@code postmaster.pid}, in which a server leaves its process number. After a crash the
 * number may be anybody's, so a process counts as the server only if it works in the cluster.
 */
final class PostmasterFile {
  /** No process has this number, on any system. */
  private static final String NO_PROCESS = Integer.toString(Integer.MAX_VALUE);

  private final Path cluster;
  private final Path file;

  PostmasterFile(Path cluster) {
    this.cluster = cluster;
    this.file = cluster.resolve("postmaster.pid");
  }

  boolean exists() {
    return Files.exists(file);
  }

  /** The cluster's server, where the file names it and it lives. */
  Optional<ProcessHandle> server() throws IOException {
    OptionalLong pid = pid();
    return pid.isPresent()
        ? ProcessHandle.of(pid.getAsLong()).filter(this::isServerProcess)
        : Optional.empty();
  }

  /** All living processes of servers on this cluster, as far as the system shows them. */
  List<ProcessHandle> serverProcesses() {
    return ProcessHandle.allProcesses().filter(this::isServerProcess).toList();
  }

  /** PostgreSQL works in its data directory; elsewhere than on Linux its arguments name it. */
  private boolean isServerProcess(ProcessHandle process) {
    ProcessHandle.Info info = process.info();
    if (info.command().filter(PostmasterFile::isPostgres).isEmpty()) {
      return false;
    }
    Path workingDirectory = Path.of("/proc/" + process.pid() + "/cwd");
    if (Files.isSymbolicLink(workingDirectory)) {
      try {
        return Files.readSymbolicLink(workingDirectory).equals(cluster.toRealPath());
      } catch (IOException e) {
        return false; // It has ended, or is another user's.
      }
    }
    String option = "--pgdata=" + cluster;
    return info.arguments()
        .map(List::of)
        .filter(arguments -> arguments.contains(cluster.toString()) || arguments.contains(option))
        .isPresent();
  }

  private static boolean isPostgres(String command) {
    return command.endsWith("/postgres") || command.endsWith("\\postgres.exe");
  }

  /**
   * Takes a stranger's number out of the file, or a new server would think the old one running. The
   * file stays: by its other lines the server recognises shared memory that is still in use. One
   * that a crash left empty goes, as it tells nothing and would prevent the start.
   */
  void disown() throws IOException {
    if (pid().isEmpty()) {
      Files.deleteIfExists(file);
      return;
    }
    List<String> lines = new ArrayList<>(lines());
    lines.set(0, NO_PROCESS);
    PrivateFiles.write(file, String.join("\n", lines) + "\n");
  }

  private OptionalLong pid() throws IOException {
    List<String> lines = lines();
    try {
      return lines.isEmpty()
          ? OptionalLong.empty()
          : OptionalLong.of(Long.parseLong(lines.get(0).trim()));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private List<String> lines() throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }
}
