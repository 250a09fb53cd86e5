package io.fileaudit.server.cli;

import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.server.InvalidSettings;
import io.fileaudit.server.RunningServer;
import io.fileaudit.server.ServerSettings;
import io.fileaudit.server.database.EmbeddedDatabaseException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.web.server.PortInUseException;

/** A service that a command started, until the process is told to end. */
final class Serving {
  private final RunningServer server;
  private final boolean jsonLog;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Runnable before = () -> {};

  private Serving(RunningServer server, boolean jsonLog) {
    this.server = server;
    this.jsonLog = jsonLog;
  }

  /**
   * Starts the service. Ctrl-C and SIGTERM close it from then on.
   *
   * @param settings by environment variable
   * @throws CommandException where it cannot be started so, saying what to do
   */
  static Serving start(Map<String, String> settings) throws IOException {
    try {
      ServerSettings read = ServerSettings.read(settings);
      int port = read.http().port();
      requireFree(read.http().address(), port);
      Serving serving = new Serving(RunningServer.start(read), read.jsonLog());
      Runtime.getRuntime().addShutdownHook(new Thread(serving::close, "audit-closing"));
      return serving;
    } catch (InvalidSettings | EmbeddedDatabaseException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof PortInUseException taken) {
          throw portTaken(taken.getPort());
        }
      }
      throw e;
    }
  }

  /**
   * Reads settings.
   *
   * @param settings by environment variable
   * @throws CommandException naming every one that cannot be used
   */
  static ServerSettings read(Map<String, String> settings) {
    try {
      return ServerSettings.read(settings);
    } catch (InvalidSettings e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static void requireFree(String address, int port) throws IOException {
    try (ServerSocket probe = bound(address, port)) {
      // It can be had, and is given back.
    } catch (BindException e) {
      throw cannotBind(address, port, e);
    } catch (UnknownHostException e) {
      throw new CommandException(
          ExitCode.USAGE, "AUDIT_ADDRESS is " + address + ", which no address is known for");
    }
  }

  /** An address that is not there and a port that may not be had look like one that is taken. */
  private static CommandException cannotBind(String address, int port, BindException error) {
    String reason = String.valueOf(error.getMessage());
    if (reason.contains("ermission")) {
      return new CommandException(
          ExitCode.USAGE,
          "port "
              + port
              + " may not be had by this user; give one from 1024 on by --port (AUDIT_PORT)");
    }
    if (reason.contains("assign")) {
      return new CommandException(
          ExitCode.USAGE,
          "AUDIT_ADDRESS is " + address + ", which is not an address of this machine");
    }
    return portTaken(port);
  }

  private static ServerSocket bound(String address, int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), port), 1);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Whether nobody listens on that port of that address. */
  static boolean isFree(String address, int port) throws IOException {
    try (ServerSocket probe = bound(address, port)) {
      return probe.isBound();
    } catch (BindException e) {
      return false;
    }
  }

  private static CommandException portTaken(int port) {
    return new CommandException(
        ExitCode.USAGE,
        "port "
            + port
            + " is taken, by another program or by a service that runs already; give another one by"
            + " --port (AUDIT_PORT), or AUDIT_MANAGEMENT_PORT where it is that one");
  }

  /** The address of the interface. */
  String url() {
    return server.address();
  }

  /** How the owner of its database reaches it. */
  PostgresSettings databaseOwner() {
    return server.databaseOwner();
  }

  /** The address of health and metrics. */
  String health() {
    return server.managementAddress() + "/actuator/health";
  }

  /**
   * How one gets to the page: by a link that works once where a person looks on; elsewhere, where
   * output may be kept and collected, without what would let somebody in.
   */
  String page(Console console) {
    return console.errTerminal()
        ? server.pageLink() + "  (once, within 15 minutes)"
        : url() + "/ui  (audit key --link prints a link that signs in)";
  }

  /** Whether its log is read by a program, which a line for people would confuse. */
  boolean hasJsonLog() {
    return jsonLog;
  }

  /** Has something done first when the process is told to end. */
  void beforeClosing(Runnable action) {
    before = action;
  }

  /** Waits until the service was closed. */
  void await() throws InterruptedException {
    closed.await();
  }

  private void close() {
    before.run();
    server.close();
    closed.countDown();
  }
}
