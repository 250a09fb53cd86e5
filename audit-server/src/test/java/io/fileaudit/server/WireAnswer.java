package io.fileaudit.server;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An answer as it came over a connection.
 *
 * @param answer what it says
 * @param isWhole whether its end came as well
 */
record WireAnswer(Answer answer, boolean isWhole) {
  private static final String BEGINNING = "HTTP/1.";
  private static final int CONTINUE = 200;

  /**
   * Reads answers that follow each other.
   *
   * @param closed whether nothing more comes
   */
  static List<WireAnswer> readAll(byte[] bytes, boolean closed) {
    List<WireAnswer> answers = new ArrayList<>();
    int from = 0;
    while (from < bytes.length) {
      int end = headEnd(bytes, from);
      if (end < 0) {
        if (closed) {
          throw new AssertionError("no HTTP: " + latin(bytes, from, bytes.length));
        }
        return answers;
      }
      String head = latin(bytes, from, end);
      if (!head.startsWith(BEGINNING)) {
        throw new AssertionError("no HTTP: " + head);
      }
      from = readOne(head, bytes, end + 4, closed, answers);
    }
    return answers;
  }

  private static int readOne(
      String head, byte[] bytes, int from, boolean closed, List<WireAnswer> answers) {
    int status = Integer.parseInt(head.substring(9, 12));
    Map<String, List<String>> headers = headers(head);
    HttpHeaders read = HttpHeaders.of(headers, (name, value) -> true);
    if (status < CONTINUE) {
      return from;
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int end = from;
    boolean whole = true;
    if (read.firstValue("transfer-encoding").orElse("").equals("chunked")) {
      end = chunks(bytes, from, body);
      whole = end >= 0;
      end = whole ? end : bytes.length;
    } else {
      long length = read.firstValueAsLong("content-length").orElse(0);
      boolean ofHead = startsAnswer(bytes, from) || (closed && from == bytes.length);
      if (!ofHead) {
        whole = from + length <= bytes.length;
        end = (int) Math.min(bytes.length, from + length);
        body.write(bytes, from, end - from);
      }
    }
    answers.add(
        new WireAnswer(new Answer(status, read, body.toString(StandardCharsets.UTF_8)), whole));
    return end;
  }

  /** What follows the head at once is the next answer where this one was to HEAD. */
  private static boolean startsAnswer(byte[] bytes, int from) {
    return latin(bytes, from, Math.min(bytes.length, from + 9)).startsWith(BEGINNING);
  }

  private static int chunks(byte[] bytes, int from, ByteArrayOutputStream body) {
    int at = from;
    while (true) {
      int end = lineEnd(bytes, at);
      if (end < 0) {
        return startsAnswer(bytes, at) ? at : -1;
      }
      String size = latin(bytes, at, end);
      if (size.startsWith(BEGINNING)) {
        return at;
      }
      int length = Integer.parseInt(size, 16);
      if (end + 2 + length + 2 > bytes.length) {
        return -1;
      }
      body.write(bytes, end + 2, length);
      at = end + 2 + length + 2;
      if (length == 0) {
        return at;
      }
    }
  }

  private static int lineEnd(byte[] bytes, int from) {
    for (int i = from; i + 1 < bytes.length; i++) {
      if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private static int headEnd(byte[] bytes, int from) {
    int at = lineEnd(bytes, from);
    while (at >= 0 && lineEnd(bytes, at + 2) != at + 2) {
      at = lineEnd(bytes, at + 2);
    }
    return at;
  }

  private static Map<String, List<String>> headers(String head) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    head.lines()
        .skip(1)
        .map(line -> line.split(": ?", 2))
        .forEach(
            header ->
                headers
                    .computeIfAbsent(header[0].toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                    .add(header[1]));
    return headers;
  }

  private static String latin(byte[] bytes, int from, int to) {
    return new String(Arrays.copyOfRange(bytes, from, to), StandardCharsets.ISO_8859_1);
  }
}
