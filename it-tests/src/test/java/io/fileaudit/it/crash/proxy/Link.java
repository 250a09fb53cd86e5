package io.fileaudit.it.crash.proxy;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One connection through the proxy. It reads the client's messages one by one, to know where its
 * transaction stands, and the server's bytes as they come.
 */
final class Link implements Proxy.Connected {
  /** Asked before the first message; the server answers with one byte. */
  private static final int TLS_REQUEST = 80877103;

  private static final int GSS_REQUEST = 80877104;
  private static final String COMMITTED = "COMMIT\0";
  private static final int BUFFER_BYTES = 64 * 1024;

  private final PostgresProxy proxy;
  private final Socket client;
  private final Socket backend;
  private final TransactionReader transaction = new TransactionReader();

  /** Where answers are held back: the halt that waits for the server to say that it committed. */
  private volatile @Nullable Halt answersHeldFor;

  Link(PostgresProxy proxy, Socket client, Socket backend) {
    this.proxy = proxy;
    this.client = client;
    this.backend = backend;
  }

  @Override
  public void start() {
    Proxy.start("proxy to the database", () -> closeAfter(this::carryMessages));
    Proxy.start("proxy to the service", () -> closeAfter(this::carryAnswers));
  }

  interface Carrying {
    /** Whether the connection is to be closed, and does not stand at a point. */
    boolean run() throws IOException;
  }

  private void closeAfter(Carrying carrying) {
    boolean over = true;
    try {
      over = carrying.run();
    } catch (IOException e) {
      // One side is gone, and the other is to see it.
    }
    if (over) {
      close();
    }
  }

  private boolean carryMessages() throws IOException {
    InputStream bytes = new BufferedInputStream(client.getInputStream(), BUFFER_BYTES);
    DataInputStream in = new DataInputStream(bytes);
    DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(backend.getOutputStream(), BUFFER_BYTES));
    carryStart(in, out);
    while (true) {
      int type = in.read();
      if (type < 0) {
        return true;
      }
      byte[] content = content(in);
      proxy.awaitAsking();
      if (proxy.claimsCut()) {
        cutOff(out, type, content);
        return true;
      }
      Halt halt = proxy.claim(transaction.before((char) type, content));
      if (halt != null) {
        halt.judging(transaction.judged());
      }
      if (halt != null && !halt.point().isBehindTheCommit()) {
        out.flush();
        halt.reachedBy(this::close);
        return false;
      }
      answersHeldFor = halt;
      out.write(type);
      write(out, content);
      if (in.available() == 0) {
        out.flush();
      }
      if (halt != null) {
        out.flush();
        return false;
      }
    }
  }

  /** The message says how long it is, and half of it comes. */
  private static void cutOff(DataOutputStream out, int type, byte[] content) throws IOException {
    out.write(type);
    out.writeInt(content.length + Integer.BYTES);
    out.write(content, 0, content.length / 2);
    out.flush();
  }

  /** The first message has no type. */
  private void carryStart(DataInputStream in, DataOutputStream out) throws IOException {
    int code;
    do {
      byte[] content = content(in);
      proxy.awaitAsking();
      write(out, content);
      out.flush();
      code = new DataInputStream(new java.io.ByteArrayInputStream(content)).readInt();
    } while (code == TLS_REQUEST || code == GSS_REQUEST);
  }

  private static byte[] content(DataInputStream in) throws IOException {
    byte[] content = new byte[in.readInt() - Integer.BYTES];
    in.readFully(content);
    return content;
  }

  private static void write(DataOutputStream out, byte[] content) throws IOException {
    out.writeInt(content.length + Integer.BYTES);
    out.write(content);
  }

  private boolean carryAnswers() throws IOException {
    InputStream in = backend.getInputStream();
    OutputStream out = client.getOutputStream();
    ByteArrayOutputStream held = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      proxy.awaitAnswering();
      Halt halt = answersHeldFor;
      if (halt == null) {
        out.write(buffer, 0, read);
        continue;
      }
      held.write(buffer, 0, read);
      if (held.toString(StandardCharsets.ISO_8859_1).contains(COMMITTED)) {
        halt.reachedBy(this::close);
      }
    }
    return true;
  }

  /** Resets both sides, so that neither takes it for an end in order. */
  @Override
  public void close() {
    proxy.ended(this);
    Halt halt = answersHeldFor;
    if (halt != null && !halt.isReached()) {
      proxy.giveBack(halt);
    }
    reset(client);
    reset(backend);
  }

  static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is closed already.
    }
  }
}
