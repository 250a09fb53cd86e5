package io.fileaudit.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A request whose body is sent bit by bit while its answer is read line by line. */
final class StreamingCall implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private int length;
  private int leftOfChunk;
  private boolean inBody;

  StreamingCall(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
  }

  /** Sends a piece of the body as a chunk. */
  void send(String piece) throws IOException {
    send(piece.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends a piece of the body as a chunk. */
  void send(byte[] bytes) throws IOException {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
    chunk.writeBytes(bytes);
    chunk.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(chunk.toByteArray());
    socket.getOutputStream().flush();
  }

  /** Sends the end of the body. */
  void end() throws IOException {
    socket.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  /** The head of the answer, up to the empty line. */
  String head() throws IOException {
    StringBuilder head = new StringBuilder();
    for (String line = rawLine(); !line.isEmpty(); line = rawLine()) {
      head.append(line).append('\n');
      if (line.toLowerCase(Locale.ROOT).startsWith("content-length: ")) {
        length = Integer.parseInt(line.substring("content-length: ".length()));
      }
    }
    inBody = true;
    return head.toString();
  }

  /** The next line of a chunked answer; empty where it is over. */
  String line() throws IOException {
    if (!inBody) {
      head();
    }
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = body(); b >= 0 && b != '\n'; b = body()) {
      line.write(b);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /** The body of an answer whose head named its length. */
  String rest() throws IOException {
    byte[] bytes = in.readNBytes(length);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Whether the service closes the connection before the patience of the socket is over. */
  boolean isClosedByTheService() throws IOException {
    try {
      while (in.read() >= 0) {
        // What was still on its way.
      }
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (java.net.SocketException e) {
      return true;
    }
  }

  private int body() throws IOException {
    if (leftOfChunk == 0) {
      String size = rawLine();
      if (size.isEmpty()) {
        size = rawLine();
      }
      leftOfChunk = size.isEmpty() ? 0 : Integer.parseInt(size, 16);
      if (leftOfChunk == 0) {
        return -1;
      }
    }
    leftOfChunk--;
    return in.read();
  }

  private String rawLine() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /** Goes away without a word: the connection is reset. */
  void abort() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
