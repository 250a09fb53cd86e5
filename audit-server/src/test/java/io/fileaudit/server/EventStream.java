package io.fileaudit.server;

import io.fileaudit.api.json.AuditJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A feed as a browser reads it, event by event. */
final class EventStream implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 20;

  /**
   * One event; the kind {@code end} stands for the end of the feed.
   *
   * @param event its kind
   * @param id from where to resume; null where one cannot
   * @param data what it says
   */
  record Event(String event, @Nullable String id, @Nullable JsonNode data) {
    /** A text of the data, by its JSON pointer. */
    String at(String pointer) {
      return data == null ? "" : data.at(pointer).asString();
    }
  }

  private final int status;
  private final HttpHeaders headers;
  private final InputStream body;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  EventStream(int status, HttpHeaders headers, InputStream body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    Thread reading = new Thread(this::read, "feed");
    reading.setDaemon(true);
    reading.start();
  }

  int status() {
    return status;
  }

  HttpHeaders headers() {
    return headers;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      String event = null;
      String id = null;
      String data = null;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("event: ")) {
          event = line.substring("event: ".length());
        } else if (line.startsWith("id: ")) {
          id = line.substring("id: ".length());
        } else if (line.startsWith("data: ")) {
          data = line.substring("data: ".length());
        } else if (line.isEmpty() && event != null) {
          events.add(
              new Event(event, id, data == null ? null : AuditJson.lenient().readTree(data)));
          event = null;
          id = null;
          data = null;
        }
      }
    } catch (IOException e) {
      // It was cut off, or closed by the test.
    }
    events.add(new Event("end", null, null));
  }

  /** The next event. */
  Event next() throws InterruptedException {
    Event next = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no event within " + PATIENCE_SECONDS + " seconds");
    }
    return next;
  }

  /** The next event of that kind; others before it are passed over. */
  Event next(String kind) throws InterruptedException {
    Event next = next();
    while (!next.event().equals(kind)) {
      if (next.event().equals("end")) {
        throw new AssertionError("the feed ended before a " + kind);
      }
      next = next();
    }
    return next;
  }

  @Override
  public void close() throws IOException {
    body.close();
  }
}
