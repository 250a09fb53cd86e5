package io.fileaudit.it.bench;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * One connection that costs its client next to nothing: bytes made before are written as they are.
 * Blocks; one thread at a time.
 */
final class RawHttp implements Closeable {
  private static final int SLICE = 64 * 1024;

  private final String host;
  private final String key;
  private final Socket socket;
  private final OutputStream out;
  private final InputStream in;

  RawHttp(URI service, String key) throws IOException {
    this.host = service.getAuthority();
    this.key = key;
    this.socket = new Socket(service.getHost(), service.getPort());
    socket.setTcpNoDelay(true);
    this.out = socket.getOutputStream();
    this.in = new BufferedInputStream(socket.getInputStream(), SLICE);
  }

  /** Sends a whole stream of events and gives the body of the answer, which must be 200. */
  String events(UUID batch, String producer, byte[] lines) throws IOException {
    beginEvents(batch, producer, "application/json", lines.length);
    write(lines);
    return answer();
  }

  /** Sends the head of a stream of that many bytes. */
  void beginEvents(UUID batch, String producer, String accept, long bytes) throws IOException {
    head(
        "POST",
        "/api/v1/batches/" + batch + "/events",
        "Audit-Producer: " + producer + "\r\nContent-Type: application/x-ndjson\r\n",
        accept,
        bytes);
  }

  /** Sends the next bytes of a body. */
  void write(byte[] bytes) throws IOException {
    for (int from = 0; from < bytes.length; from += SLICE) {
      out.write(bytes, from, Math.min(SLICE, bytes.length - from));
    }
  }

  /** Opens a batch under that id. */
  void open(UUID batch) throws IOException {
    byte[] body = "{\"table\":\"bench\"}".getBytes(StandardCharsets.US_ASCII);
    head(
        "PUT",
        "/api/v1/batches/" + batch,
        "Content-Type: application/json\r\n",
        "application/json",
        body.length);
    out.write(body);
    answer();
  }

  /** Reads something and gives its body. */
  String get(String path) throws IOException {
    head("GET", path, "", "application/json", 0);
    return answer();
  }

  /** Reads something of a namespace and gives its body. */
  String get(String path, String namespace) throws IOException {
    head("GET", path, "Audit-Namespace: " + namespace + "\r\n", "application/json", 0);
    return answer();
  }

  private void head(String method, String path, String headers, String accept, long bytes)
      throws IOException {
    String text =
        "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n%sAccept: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(method, path, host, key, headers, accept, bytes);
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Reads an answer to its end. */
  String answer() throws IOException {
    Map<String, String> headers = beginAnswer();
    String length = headers.get("content-length");
    if (length != null) {
      return new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.UTF_8);
    }
    StringBuilder body = new StringBuilder();
    for (String piece = piece(); !piece.isEmpty(); piece = piece()) {
      body.append(piece);
    }
    return body.toString();
  }

  /** Reads the head of an answer, which must be one of success. */
  Map<String, String> beginAnswer() throws IOException {
    String status = line();
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 2));
    }
    if (!status.startsWith("HTTP/1.1 20")) {
      throw new IOException(status + " " + piece());
    }
    return headers;
  }

  /** Reads the next piece of a chunked answer; empty at its end. */
  String piece() throws IOException {
    int length = Integer.parseInt(line(), 16);
    String piece = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    line();
    return piece;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the service closed the connection");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
