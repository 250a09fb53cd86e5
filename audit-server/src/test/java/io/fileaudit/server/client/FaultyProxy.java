package io.fileaudit.server.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** Stands between a client and its service, and treats each connection as it is told to. */
final class FaultyProxy implements AutoCloseable {
  /** What becomes of a connection. */
  interface Fault {
    /** Nothing: bytes go both ways. */
    Fault NONE = connection -> connection.pass(Long.MAX_VALUE, Long.MAX_VALUE, 0);

    /** It is reset at once. */
    Fault RESET = Connection::reset;

    /** It is taken and never answered. */
    Fault SILENT = Connection::swallow;

    /** It breaks after so many bytes from the client. */
    static Fault cutRequest(long bytes) {
      return connection -> connection.pass(bytes, Long.MAX_VALUE, 0);
    }

    /** It breaks after so many bytes from the service. */
    static Fault cutAnswer(long bytes) {
      return connection -> connection.pass(Long.MAX_VALUE, bytes, 0);
    }

    /** Each part of it is late by that. */
    static Fault slow(long millis) {
      return connection -> connection.pass(Long.MAX_VALUE, Long.MAX_VALUE, millis);
    }

    /** It is answered by the proxy. */
    static Fault answer(int status, String retryAfterSeconds) {
      return connection -> connection.answer(status, retryAfterSeconds);
    }

    void treat(Connection connection) throws IOException;
  }

  private final ServerSocket listening;
  private final int servicePort;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile IntFunction<Fault> faults = number -> Fault.NONE;

  FaultyProxy(int servicePort) throws IOException {
    this.servicePort = servicePort;
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    thread(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + listening.getLocalPort();
  }

  /** Treats every further connection so; those that are open break. */
  void all(Fault fault) {
    faults = number -> fault;
    breakAll();
  }

  /** Treats the next connections by their number, from 1. */
  void each(IntFunction<Fault> byNumber) {
    connections.set(0);
    faults = byNumber;
    breakAll();
  }

  /** How many connections came since {@link #each}. */
  int connections() {
    return connections.get();
  }

  private void breakAll() {
    open.forEach(FaultyProxy::reset);
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        open.add(client);
        int number = connections.incrementAndGet();
        thread(() -> treat(client, faults.apply(number)));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void treat(Socket client, Fault fault) {
    try {
      fault.treat(new Connection(client));
    } catch (IOException e) {
      reset(client);
    } finally {
      open.remove(client);
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // Closed already.
    }
  }

  private static void thread(Runnable work) {
    Thread thread = new Thread(work, "faulty-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    breakAll();
  }

  /** One connection of a client. */
  final class Connection {
    private final Socket client;

    private Connection(Socket client) {
      this.client = client;
    }

    void reset() {
      FaultyProxy.reset(client);
    }

    void swallow() throws IOException {
      byte[] buffer = new byte[8192];
      InputStream in = client.getInputStream();
      while (in.read(buffer) >= 0) {
        // Nobody answers.
      }
    }

    void answer(int status, String retryAfterSeconds) throws IOException {
      byte[] buffer = new byte[8192];
      int read = client.getInputStream().read(buffer);
      String head =
          "HTTP/1.1 "
              + status
              + " Not now\r\nRetry-After: "
              + retryAfterSeconds
              + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      if (read > 0) {
        client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        client.getOutputStream().flush();
        client.shutdownOutput();
        while (client.getInputStream().read(buffer) >= 0) {
          // The rest of the request is read, so that the answer arrives.
        }
      }
      client.close();
    }

    void pass(long mostOfRequest, long mostOfAnswer, long lateMillis) throws IOException {
      try (Socket service = new Socket(InetAddress.getLoopbackAddress(), servicePort)) {
        open.add(service);
        Thread answers =
            new Thread(() -> copy(service, client, mostOfAnswer, lateMillis), "faulty-proxy");
        answers.setDaemon(true);
        answers.start();
        copy(client, service, mostOfRequest, lateMillis);
        answers.join();
        open.remove(service);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      client.close();
    }

    private void copy(Socket from, Socket to, long most, long lateMillis) {
      byte[] buffer = new byte[4096];
      long left = most;
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (lateMillis > 0) {
            Thread.sleep(lateMillis);
          }
          out.write(buffer, 0, (int) Math.min(read, left));
          out.flush();
          left -= read;
          if (left <= 0) {
            FaultyProxy.reset(from);
            FaultyProxy.reset(to);
            return;
          }
        }
        to.shutdownOutput();
      } catch (IOException e) {
        FaultyProxy.reset(from);
        FaultyProxy.reset(to);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
