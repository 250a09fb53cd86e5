package io.fileaudit.it.crash.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and its server on 127.0.0.1: stops a connection at a named point, breaks
 * connections, and lets pass late, one way or not at all. Speaks without TLS. Thread-safe.
 */
public abstract class Proxy implements AutoCloseable {
  private static final int BACKLOG = 200;

  /** Where the server listens now. */
  @FunctionalInterface
  public interface Server {
    int port() throws IOException;
  }

  /** One connection through the proxy. */
  interface Connected {
    void start();

    /** Breaks it on both sides. */
    void close();
  }

  private final Server server;
  private final ServerSocket socket;
  private final Set<Connected> connections = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Halt> wanted = new AtomicReference<>();
  private final Weather weather = new Weather();

  Proxy(Server server) throws IOException {
    this.server = server;
    this.socket = new ServerSocket(0, BACKLOG, loopback());
    start("proxy", this::accept);
  }

  abstract Connected connected(Socket client, Socket backend);

  private static InetAddress loopback() throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  }

  static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        connect(socket.accept());
      } catch (IOException e) {
        // It is closed, or this one has gone already.
      }
    }
  }

  private void connect(Socket client) throws IOException {
    Socket backend;
    try {
      backend = new Socket(loopback(), server.port());
    } catch (IOException e) {
      client.close(); // As the server would refuse it.
      return;
    }
    client.setTcpNoDelay(true);
    backend.setTcpNoDelay(true);
    Connected connection = connected(client, backend);
    connections.add(connection);
    connection.start();
  }

  public int port() {
    return socket.getLocalPort();
  }

  /** Stops the next connection that gets there; only one is awaited at a time. */
  public Halt haltAt(Point point) {
    Halt halt = new Halt(point);
    wanted.set(halt);
    return halt;
  }

  /** Awaits no connection any more; one that stands stays. */
  public void awaitNone() {
    wanted.set(null);
  }

  /** The halt that is meant for a connection at one of these points, which is then its own. */
  @Nullable Halt claim(Set<Point> points) {
    Halt halt = wanted.get();
    return halt != null && points.contains(halt.point()) && wanted.compareAndSet(halt, null)
        ? halt
        : null;
  }

  /** Takes back what a connection claimed that broke before it stood there. */
  void giveBack(Halt halt) {
    wanted.compareAndSet(null, halt);
  }

  void ended(Connected connection) {
    connections.remove(connection);
  }

  /** Breaks all connections on both sides. */
  public void cutAll() {
    connections.forEach(Connected::close);
  }

  /** From now on nothing is sent on, in either direction, and nothing is lost. */
  public void fallSilent() {
    weather.fallSilent();
  }

  /** From now on what clients ask arrives, and no answer does; nothing is lost. */
  public void holdAnswers() {
    weather.holdAnswers();
  }

  /** From now on each piece arrives so much later. */
  public void lag(Duration later) {
    weather.lag(later);
  }

  /** Sends on what was held back, and all that comes, at once. */
  public void speak() {
    weather.clear();
  }

  void awaitAsking() {
    weather.awaitAsking();
  }

  void awaitAnswering() {
    weather.awaitAnswering();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    speak();
    cutAll();
  }
}
