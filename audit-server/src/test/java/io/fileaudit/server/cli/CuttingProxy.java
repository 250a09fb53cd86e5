package io.fileaudit.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.IntConsumer;

/**
 * Stands before a service and cuts connections: each of the first ones after so many bytes from the
 * client, later ones when it is told to.
 */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket socket;
  private final int port;
  private final Queue<Integer> cuts = new ArrayDeque<>();
  private final List<Socket> open = new ArrayList<>();
  private int connections;
  private long answered;

  /** A proxy before the port; a cut of 0 ends the connection before anything goes through. */
  CuttingProxy(int port, int... afterBytes) throws IOException {
    this.port = port;
    for (int bytes : afterBytes) {
      cuts.add(bytes);
    }
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    run("proxy", this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + socket.getLocalPort();
  }

  /** How many connections there were. */
  synchronized int connections() {
    return connections;
  }

  /** How many bytes the service has answered. */
  synchronized long answered() {
    return answered;
  }

  /** Ends all connections, and so many of the next before anything goes through. */
  synchronized void cut(int next) throws IOException {
    for (int i = 0; i < next; i++) {
      cuts.add(0);
    }
    for (Socket socket : open) {
      socket.close();
    }
    open.clear();
  }

  private synchronized void passed(int bytes) {
    answered += bytes;
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = socket.accept();
      Integer most;
      synchronized (this) {
        connections++;
        most = cuts.poll();
        open.add(client);
      }
      Socket service = new Socket(InetAddress.getLoopbackAddress(), port);
      int bytes = most == null ? Integer.MAX_VALUE : most;
      run("up", () -> pump(client, service, bytes, read -> {}));
      run("down", () -> pump(service, client, Integer.MAX_VALUE, this::passed));
    }
  }

  private static void pump(Socket from, Socket to, int most, IntConsumer passed)
      throws IOException {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[1024];
      int left = most;
      while (left > 0) {
        int read = in.read(buffer, 0, Math.min(left, buffer.length));
        if (read < 0) {
          return;
        }
        out.write(buffer, 0, read);
        out.flush();
        passed.accept(read);
        left -= read;
      }
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void run(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // The other end is gone, or the proxy is closed.
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
