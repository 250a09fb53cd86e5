package io.fileaudit.server.database;

import io.fileaudit.api.evidence.Sha256;
import io.fileaudit.server.disk.PrivateFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked from the archive on the class path. A folder is named by the
 * archive's digest and appears whole or not at all, so services of several releases may share the
 * place, and starting at the same time does no harm.
 */
final class PostgresPrograms {
  private static final Logger log = LoggerFactory.getLogger(PostgresPrograms.class);

  private PostgresPrograms() {}

  /** The folder that holds {@code bin}, {@code lib} and {@code share}; unpacks it if need be. */
  static Path unpackInto(Path programsDirectory) throws IOException {
    byte[] archive = archive();
    PrivateFiles.makeDirectories(programsDirectory);
    Path home = programsDirectory.toRealPath();
    Path target = home.resolve("postgresql-" + Sha256.hex(archive).substring(0, 16));
    if (!Files.isDirectory(target)) {
      log.info("unpacking PostgreSQL into {}", target);
      Path draft = Files.createTempDirectory(home, "unpacking-");
      try {
        unpack(archive, draft);
        moveInto(target, draft);
      } finally {
        Folders.delete(draft);
      }
    }
    return target;
  }

  private static void moveInto(Path target, Path draft) throws IOException {
    try {
      Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (!Files.isDirectory(target)) {
        throw e;
      }
      log.debug("another service has unpacked the same programs meanwhile");
    }
  }

  /** A second thread brings the files to disk, lest a power cut leave empty ones for ever. */
  private static void unpack(byte[] archive, Path target) throws IOException {
    ExecutorService disk = Executors.newSingleThreadExecutor();
    List<CompletableFuture<Void>> forced = new ArrayList<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
          throw new IOException("the archive names a path outside of itself: " + entry.getName());
        }
        // The archive does not list all of its folders.
        Files.createDirectories(entry.isDirectory() ? path : path.getParent());
        if (entry.isDirectory()) {
          continue;
        }
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
          Files.copy(tar, path);
          forced.add(CompletableFuture.runAsync(() -> force(path), disk));
        }
      }
      makeExecutable(target.resolve("bin"));
      forced.forEach(CompletableFuture::join);
    } finally {
      disk.shutdownNow();
    }
  }

  private static void force(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void makeExecutable(Path directory) throws IOException {
    try (Stream<Path> programs = Files.list(directory)) {
      for (Path program : programs.toList()) {
        if (!program.toFile().setExecutable(true)) {
          throw new IOException(program + " cannot be made executable");
        }
      }
    }
  }

  /** The archive for this machine, from whichever of the artifacts with PostgreSQL holds it. */
  private static byte[] archive() throws IOException {
    String name = "/postgres-" + system() + "-" + machine() + ".txz";
    try (InputStream packed = PostgresPrograms.class.getResourceAsStream(name)) {
      if (packed == null) {
        throw new EmbeddedDatabaseException(
            "this build brings no PostgreSQL for this kind of machine ("
                + name
                + " is missing); give the service a database with --db");
      }
      return packed.readAllBytes();
    }
  }

  private static String system() {
    String name = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (name.startsWith("windows")) {
      return "windows";
    }
    return name.startsWith("mac") ? "darwin" : name;
  }

  private static String machine() {
    String machine = System.getProperty("os.arch", "");
    return switch (machine) {
      case "amd64" -> "x86_64";
      case "aarch64" -> "arm_64";
      default -> machine;
    };
  }
}
