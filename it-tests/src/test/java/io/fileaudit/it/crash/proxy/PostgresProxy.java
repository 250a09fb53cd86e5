package io.fileaudit.it.crash.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a service and its PostgreSQL: stops a connection at a named point, breaks
 * connections, and goes silent, all from outside the service. Speaks without TLS, on 127.0.0.1.
 * Thread-safe.
 */
public final class PostgresProxy implements AutoCloseable {
  private static final int BACKLOG = 50;

  /** Where the database listens now. */
  @FunctionalInterface
  public interface Database {
    int port() throws IOException;
  }

  private final Database database;
  private final ServerSocket server;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Halt> wanted = new AtomicReference<>();
  private volatile CompletableFuture<Void> speaking = CompletableFuture.completedFuture(null);

  /** A proxy on a free port before that database, taking connections at once. */
  public PostgresProxy(Database database) throws IOException {
    this.database = database;
    this.server = new ServerSocket(0, BACKLOG, loopback());
    start("proxy", this::accept);
  }

  private static InetAddress loopback() throws IOException {
    return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
  }

  static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        connect(server.accept());
      } catch (IOException e) {
        // It is closed, or this one has gone already.
      }
    }
  }

  private void connect(Socket client) throws IOException {
    Socket backend;
    try {
      backend = new Socket(loopback(), database.port());
    } catch (IOException e) {
      client.close(); // As the database would refuse it.
      return;
    }
    client.setTcpNoDelay(true);
    backend.setTcpNoDelay(true);
    Link link = new Link(this, client, backend);
    links.add(link);
    link.start();
  }

  public int port() {
    return server.getLocalPort();
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

  void ended(Link link) {
    links.remove(link);
  }

  /** Breaks all connections on both sides. */
  public void cutAll() {
    links.forEach(Link::close);
  }

  /** From now on nothing is sent on, in either direction, and nothing is lost. */
  public void fallSilent() {
    speaking = new CompletableFuture<>();
  }

  /** Sends on what was held back in silence, and all that comes. */
  public void speak() {
    speaking.complete(null);
  }

  void awaitSpeaking() {
    speaking.join();
  }

  @Override
  public void close() throws IOException {
    server.close();
    speak();
    cutAll();
  }
}
