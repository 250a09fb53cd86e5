package io.fileaudit.it.process;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.r2dbc.migration.Migrations;
import io.fileaudit.server.database.EmbeddedDatabase;
import io.fileaudit.server.database.EmbeddedDatabaseOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * What every service of a test would have to make at its start, made once for each build and Java
 * and kept under {@code target}: the jars as the launcher unpacks them, their classes as they lie
 * in memory, and PostgreSQL with an empty database of the present schema, which no service has
 * used. That takes three quarters of the work out of a first start.
 */
final class Prepared {
  private static final Path FOLDER =
      Path.of(System.getProperty("basedir", ""), "target", "prepared").toAbsolutePath();

  /** Written last: what is beside it is whole. */
  private static final Path OF = FOLDER.resolve("of");

  private static final Path JARS = FOLDER.resolve("jars");
  private static final Path JAR = JARS.resolve("audit-server-exec.jar");
  private static final Path CLASSES = FOLDER.resolve("classes");
  private static final Path DATA = FOLDER.resolve("data");
  private static final String DATABASE = "postgresql";
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static @Nullable Prepared made;

  private Prepared() {}

  /** Makes it where this build has not; the other JVM with tests waits for it meanwhile. */
  static synchronized Prepared get() throws IOException, InterruptedException {
    Prepared present = made;
    if (present == null) {
      present = new Prepared();
      make();
      made = present;
    }
    return present;
  }

  private static void make() throws IOException, InterruptedException {
    Files.createDirectories(FOLDER.getParent());
    try (FileChannel file =
            FileChannel.open(
                FOLDER.resolveSibling("prepared.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = file.lock()) {
      String wanted = wanted();
      if (Files.exists(OF) && Files.readString(OF).equals(wanted)) {
        return;
      }
      Folders.delete(FOLDER);
      Files.createDirectories(FOLDER);
      makeDatabase();
      run("-Djarmode=tools", "-jar", AuditHome.exec(), "extract", "--destination", JARS.toString());
      rehearse();
      Files.writeString(OF, wanted);
    }
  }

  private static String wanted() throws IOException {
    try (InputStream jar = Files.newInputStream(Path.of(AuditHome.exec()));
        DigestInputStream read = new DigestInputStream(jar, MessageDigest.getInstance("SHA-256"))) {
      read.transferTo(OutputStream.nullOutputStream());
      String digest = HexFormat.of().formatHex(read.getMessageDigest().digest());
      return digest + " " + Runtime.version() + " " + System.getProperty("java.home");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static void makeDatabase() {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(new EmbeddedDatabaseOptions(DATA, 0))) {
      Migrations.migrate(
          PostgresSettings.of(
              database.host(),
              database.port(),
              database.database(),
              database.ownerUser(),
              database.ownerPassword()),
          database.serviceUser());
    }
  }

  /** Lets a service work a little, which leaves its classes; without them all is only slower. */
  private static void rehearse() throws IOException, InterruptedException {
    Path folder = Files.createDirectories(FOLDER.resolve("rehearsal"));
    boolean ended;
    try (AuditHome home =
        AuditHome.rehearsal(folder, JAR.toString(), "-XX:ArchiveClassesAtExit=" + CLASSES)) {
      copyDatabase(home.data());
      ServiceProcess service = home.serve();
      try (AuditCalls client = home.client()) {
        Snapshot batch = Objects.requireNonNull(client.open(BatchSpec.builder().build()).block());
        FileEvent event = FileEvent.of(EventType.COMPLETED, "f").build();
        client.send(batch.id(), 1, null, Flux.just(event)).blockLast();
        client.status(batch.id(), 1, BatchStatus.COMPLETED, null).block();
      }
      ended = service.endsInOrder(LIMIT);
    }
    if (!ended) {
      Files.deleteIfExists(CLASSES); // Java trusts the length of what may be there by halves.
    }
    Folders.delete(folder);
  }

  private static void run(String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(AuditHome.JAVA));
    line.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(line)
            .redirectErrorStream(true)
            .redirectOutput(FOLDER.resolve("said").toFile())
            .start();
    boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly();
    }
    if (!ended || process.exitValue() != 0) {
      throw new IllegalStateException(line + ": " + Files.readString(FOLDER.resolve("said")));
    }
  }

  /** Of the service; the jars that it names are beside it. */
  String jar() {
    return JAR.toString();
  }

  /** With these Java finds the classes, and has nothing to say about them where it cannot. */
  List<String> options() {
    return Files.exists(CLASSES)
        ? List.of(
            "-XX:SharedArchiveFile=" + CLASSES,
            "-Xshare:auto",
            "-Xlog:disable",
            "-Xlog:all=error:stderr")
        : List.of("-Xshare:auto");
  }

  /** Makes a database in a data directory that has none: as this one, on a port of its own. */
  void copyDatabaseInto(Path data) throws IOException {
    if (!Files.exists(data.resolve(DATABASE))) {
      copyDatabase(data);
    }
  }

  /** Programs are never written to, so that a second name for each does. */
  private static void copyDatabase(Path data) throws IOException {
    Path from = DATA.resolve(DATABASE);
    Path to = Files.createDirectories(data.resolve(DATABASE));
    Folders.link(from.resolve("programs"), to.resolve("programs"));
    Folders.copy(from.resolve("credentials"), to.resolve("credentials"));
    Folders.copy(from.resolve("data"), to.resolve("data"));
  }
}
