package io.fileaudit.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A connection on which a test says what it likes, byte by byte, which no client library would let
 * it.
 */
final class Wire implements AutoCloseable {
  private static final int PATIENCE_MILLIS = (int) Duration.ofSeconds(20).toMillis();
  private static final int BUFFER = 16 * 1024;

  private final Socket socket;
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private boolean closed;

  Wire(int port) throws IOException {
    socket = new Socket("127.0.0.1", port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  /** Sends a text of which each character is one byte. */
  void send(String text) {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends bytes; the service may have hung up on them, which the answer shows. */
  void send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    } catch (IOException e) {
      // What was answered before can still be read, or the reading says that there is nothing.
    }
  }

  /** Says that nothing more is sent; the answer can still be read. */
  void halfClose() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      // The service was faster.
    }
  }

  /** Goes away without a word: the connection is reset. */
  void abort() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /**
   * Reads until the service closes the connection, or says nothing for so long.
   *
   * @return whether the service has closed it
   */
  boolean isClosedWithin(int quietMillis) {
    try {
      socket.setSoTimeout(quietMillis);
      byte[] buffer = new byte[BUFFER];
      for (int n = read(buffer); n >= 0; n = read(buffer)) {
        heard.write(buffer, 0, n);
      }
      closed = true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      closed = true;
    }
    return closed;
  }

  /** Reads until the service closes the connection; fails where it does not. */
  Wire whole() {
    if (!isClosedWithin(PATIENCE_MILLIS)) {
      throw new AssertionError("the connection stays open; so far: " + text());
    }
    return this;
  }

  private int read(byte[] buffer) throws IOException {
    return socket.getInputStream().read(buffer);
  }

  /** What the service said so far. */
  String text() {
    return heard.toString(StandardCharsets.UTF_8);
  }

  /** The answers so far, without interim ones. */
  List<WireAnswer> answers() {
    return WireAnswer.readAll(heard.toByteArray(), closed);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
