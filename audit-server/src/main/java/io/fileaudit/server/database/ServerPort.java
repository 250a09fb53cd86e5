package io.fileaudit.server.database;

import io.fileaudit.server.disk.PrivateFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The TCP port of the database: the one asked for, else the one of the last start while it is free,
 * else a free one. It is remembered in a file, so that tools may be set up for it.
 */
final class ServerPort {
  static final String HOST = "127.0.0.1";

  private final int asked;
  private final Path file;

  /**
   * @param asked a port, or 0 to have one chosen
   */
  ServerPort(int asked, Path file) {
    this.asked = asked;
    this.file = file;
  }

  /**
   * The port for this start.
   *
   * @throws EmbeddedDatabaseException.PortTaken where a port was asked for and is not free
   */
  int choose() throws IOException {
    if (asked != 0) {
      if (!isFree(asked)) {
        throw new EmbeddedDatabaseException.PortTaken(asked);
      }
      return asked;
    }
    int last = remembered();
    return last != 0 && isFree(last) ? last : anyFree();
  }

  void remember(int port) throws IOException {
    if (remembered() != port) {
      PrivateFiles.write(file, port + "\n");
    }
  }

  private int remembered() throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    try {
      int port = Integer.parseInt(Files.readString(file).trim());
      return port > 0 && port <= 65_535 ? port : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = bind(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private static int anyFree() throws IOException {
    try (ServerSocket socket = bind(0)) {
      return socket.getLocalPort();
    }
  }

  private static ServerSocket bind(int port) throws IOException {
    InetAddress address = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    return new ServerSocket(port, 1, address);
  }
}
