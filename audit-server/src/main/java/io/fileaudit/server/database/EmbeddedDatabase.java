package io.fileaudit.server.database;

import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.r2dbc.migration.DatabaseSetup;
import io.fileaudit.server.disk.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL that the service owns: made at the first start, kept across restarts and upgrades of
 * the service, reachable from this machine alone and only with a password.
 *
 * <p>Two roles: {@code audit_owner} owns the database and runs migrations; {@code audit_service}
 * may connect, and may do only what migrations grant it.
 *
 * <p>Not for event loops: starting and closing block, seconds at the first start, longer after a
 * crash. Call them on an ordinary thread, before the reactive service starts and after it stopped.
 * Thread-safe.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final String DATABASE = "audit";
  private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);

  private static final String CREDENTIALS = "credentials";

  /** A free port may be taken between looking and starting, but hardly three times. */
  private static final int PORT_ATTEMPTS = 3;

  private final DataDirectoryLock lock;
  private final ServerControl control;
  private final Credentials credentials;
  private final int port;
  private final ServerKeeper keeper;
  private final AtomicBoolean closed = new AtomicBoolean();

  private EmbeddedDatabase(
      DataDirectoryLock lock,
      ServerControl control,
      Credentials credentials,
      int port,
      ServerKeeper keeper) {
    this.lock = lock;
    this.control = control;
    this.credentials = credentials;
    this.port = port;
    this.keeper = keeper;
  }

  /**
   * Starts the server, after stopping one that a killed service left running, and returns when the
   * database takes connections. Blocks. Until it is closed, a server that ends without being told
   * to is started again, on the same port.
   *
   * @throws EmbeddedDatabaseException.InUse where another service runs on the data directory
   * @throws EmbeddedDatabaseException.VersionMismatch where the data is of another PostgreSQL
   * @throws EmbeddedDatabaseException.PortTaken where the port asked for is not free
   * @throws EmbeddedDatabaseException.UnsafeSetting where commits would not be durable
   * @throws EmbeddedDatabaseException where it does not start for another reason
   */
  public static EmbeddedDatabase start(EmbeddedDatabaseOptions options) {
    Path folder = options.dataDirectory().resolve(EmbeddedDatabaseOptions.FOLDER);
    try {
      PrivateFiles.makeDirectories(folder);
      Path home = folder.toRealPath();
      DataDirectoryLock lock = DataDirectoryLock.acquire(home);
      boolean started = false;
      try {
        EmbeddedDatabase database = start(options, home, lock);
        started = true;
        return database;
      } finally {
        if (!started) {
          lock.close();
        }
      }
    } catch (IOException e) {
      throw new EmbeddedDatabaseException(
          "the database's folder " + folder + " cannot be used: " + e, e);
    }
  }

  private static EmbeddedDatabase start(
      EmbeddedDatabaseOptions options, Path home, DataDirectoryLock lock) throws IOException {
    long began = System.nanoTime();
    Path cluster = home.resolve("data");
    Path logs = home.resolve("log");
    PrivateFiles.makeDirectories(logs);
    Path programs = PostgresPrograms.unpackInto(options.programsDirectory().toAbsolutePath());
    ServerControl control = new ServerControl(PostgresCommand.in(programs, home), cluster, logs);
    Credentials credentials =
        Files.exists(cluster)
            ? openCluster(control, cluster, home.resolve(CREDENTIALS))
            : createCluster(control, home);
    PostmasterFile file = new PostmasterFile(cluster);
    LeftoverServer.clear(file, control);
    ServerPort serverPort = new ServerPort(options.port(), home.resolve("port"));
    int port = start(control, cluster, logs, serverPort);
    setUpOrStop(control, credentials, port);
    log.info(
        "PostgreSQL listens on {}:{}, data in {}, started in {} ms",
        ServerPort.HOST,
        port,
        cluster,
        (System.nanoTime() - began) / 1_000_000);
    ServerKeeper keeper =
        ServerKeeper.of(
            file,
            port,
            () -> {
              LeftoverServer.clear(file, control);
              ServerSettings.write(cluster, logs, port);
              control.start();
              setUpOrStop(control, credentials, port);
            });
    return new EmbeddedDatabase(lock, control, credentials, port, keeper);
  }

  private static void setUpOrStop(ServerControl control, Credentials credentials, int port)
      throws IOException {
    boolean ready = false;
    try {
      setUp(credentials, port);
      ready = true;
    } finally {
      if (!ready) {
        control.stop();
      }
    }
  }

  private static void setUp(Credentials credentials, int port) {
    PostgresSettings administrator =
        PostgresSettings.of(
            ServerPort.HOST,
            port,
            "postgres",
            Credentials.SUPERUSER,
            credentials.superuserPassword());
    try {
      DatabaseSetup.run(
          administrator,
          DATABASE,
          new DatabaseSetup.Role(Credentials.OWNER, credentials.ownerPassword()),
          new DatabaseSetup.Role(Credentials.SERVICE, credentials.servicePassword()));
    } catch (DatabaseSetup.UnsafeServerException e) {
      throw new EmbeddedDatabaseException.UnsafeSetting(e.setting(), e.value());
    } catch (DatabaseSetup.SetupFailedException e) {
      throw new EmbeddedDatabaseException(
          "PostgreSQL runs on port " + port + " but could not be set up: " + e.getMessage(), e);
    }
  }

  /** Saves the passwords first: a cluster without them would be lost. */
  private static Credentials createCluster(ServerControl control, Path home) throws IOException {
    Path file = home.resolve(CREDENTIALS);
    if (!Files.exists(file)) {
      Credentials.random().save(file);
    }
    Credentials credentials = Credentials.load(file);
    control.createCluster(home, credentials.superuserPassword());
    return credentials;
  }

  private static Credentials openCluster(ServerControl control, Path cluster, Path credentialsFile)
      throws IOException {
    Path versionFile = cluster.resolve("PG_VERSION");
    if (!Files.exists(versionFile)) {
      throw new EmbeddedDatabaseException(
          cluster + " holds no PostgreSQL data (no PG_VERSION); move it away or restore it");
    }
    String found = Files.readString(versionFile).trim();
    String needed = control.majorVersion();
    if (!found.equals(needed)) {
      throw new EmbeddedDatabaseException.VersionMismatch(cluster, found, needed);
    }
    if (!Files.exists(credentialsFile)) {
      throw new EmbeddedDatabaseException(
          "the passwords of the data in " + cluster + " are gone; restore " + credentialsFile);
    }
    return Credentials.load(credentialsFile);
  }

  private static int start(ServerControl control, Path cluster, Path logs, ServerPort serverPort)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      int port = serverPort.choose();
      ServerSettings.write(cluster, logs, port);
      try {
        control.start();
        serverPort.remember(port);
        return port;
      } catch (EmbeddedDatabaseException e) {
        control.stop(); // It may have been too slow only.
        if (attempt == PORT_ATTEMPTS || ServerPort.isFree(port)) {
          throw e;
        }
        log.warn("port {} was taken meanwhile; choosing another", port);
      }
    }
  }

  public String host() {
    return ServerPort.HOST;
  }

  public int port() {
    return port;
  }

  public String database() {
    return DATABASE;
  }

  /** The role that owns the database and runs migrations. */
  public String ownerUser() {
    return Credentials.OWNER;
  }

  public String ownerPassword() {
    return credentials.ownerPassword();
  }

  /** The role that the running service uses. */
  public String serviceUser() {
    return Credentials.SERVICE;
  }

  public String servicePassword() {
    return credentials.servicePassword();
  }

  /**
   * Stops the server, in order where it can, and gives the data directory free. Blocks, at most
   * about half a minute. Closing again does nothing.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    keeper.close();
    try {
      control.stop();
    } catch (IOException e) {
      log.error("PostgreSQL could not be stopped; the next start will do it", e);
    } finally {
      lock.close();
    }
  }

  /** Without the passwords, which must not reach a log. */
  @Override
  public String toString() {
    return "EmbeddedDatabase[" + host() + ":" + port + "/" + database() + "]";
  }
}
