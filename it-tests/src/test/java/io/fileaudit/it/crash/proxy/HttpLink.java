package io.fileaudit.it.crash.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** One connection to a service: bytes as they come, and a look at what feeds are told. */
final class HttpLink implements Proxy.Connected {
  private static final String FEED = "text/event-stream";
  private static final String TOLD = "\ndata: ";
  private static final int BUFFER_BYTES = 16 * 1024;

  private final HttpProxy proxy;
  private final Socket client;
  private final Socket backend;

  HttpLink(HttpProxy proxy, Socket client, Socket backend) {
    this.proxy = proxy;
    this.client = client;
    this.backend = backend;
  }

  @Override
  public void start() {
    Proxy.start("proxy to the service", () -> closeAfter(this::carryQuestions));
    Proxy.start("proxy to the client", () -> closeAfter(this::carryAnswers));
  }

  private void closeAfter(Link.Carrying carrying) {
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

  private boolean carryQuestions() throws IOException {
    InputStream in = client.getInputStream();
    OutputStream out = backend.getOutputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      proxy.awaitAsking();
      out.write(buffer, 0, read);
    }
    return true;
  }

  private boolean carryAnswers() throws IOException {
    InputStream in = backend.getInputStream();
    OutputStream out = client.getOutputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    boolean isFeed = false;
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      proxy.awaitAnswering();
      String text = new String(buffer, 0, read, StandardCharsets.ISO_8859_1);
      isFeed |= text.contains(FEED);
      int told = text.lastIndexOf(TOLD);
      Halt halt = isFeed && told >= 0 ? proxy.claim(Set.of(Point.MID_FEED)) : null;
      if (halt == null) {
        out.write(buffer, 0, read);
        continue;
      }
      out.write(buffer, 0, told + TOLD.length() + 1);
      halt.reachedBy(this::close);
      return false;
    }
    return true;
  }

  /** Resets both sides, so that neither takes it for an end in order. */
  @Override
  public void close() {
    proxy.ended(this);
    Link.reset(client);
    Link.reset(backend);
  }
}
