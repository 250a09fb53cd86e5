package io.fileaudit.core.live;

import io.fileaudit.api.batch.BatchVerdict;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.store.Logged;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes server-sent events (WHATWG HTML, section 9.2). Data is JSON on one line, so that it needs
 * no splitting.
 */
final class Frames {
  /** What a feed begins with: how soon a reader that was cut off comes back. */
  static final byte[] RETRY = "retry: 1000\n\n".getBytes(StandardCharsets.UTF_8);

  private static final byte[] END = {'\n', '\n'};

  private Frames() {}

  static byte[] json(Object value) {
    return AuditJson.strict().writeValueAsBytes(value);
  }

  /**
   * One event.
   *
   * @param id from where a reader may resume that has it; null where this is no such place
   */
  static byte[] frame(String event, @Nullable Long id, byte[] data) {
    String head = "event: " + event + (id == null ? "" : "\nid: " + id) + "\ndata: ";
    ByteArrayOutputStream frame = new ByteArrayOutputStream(head.length() + data.length + 2);
    frame.writeBytes(head.getBytes(StandardCharsets.UTF_8));
    frame.writeBytes(data);
    frame.writeBytes(END);
    return frame.toByteArray();
  }

  static byte[] verdict(Logged logged, long id) {
    return frame(
        "verdict",
        id,
        json(
            new BatchVerdict(
                logged.key().id(),
                logged.key().namespace(),
                logged.spec().name(),
                logged.spec().table(),
                logged.spec().period(),
                logged.spec().parent(),
                logged.version(),
                logged.verdict())));
  }

  static byte[] row(long seq, String body) {
    return frame("row", seq, body.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] tick(Instant now, @Nullable Long id) {
    return frame("tick", id, json(Map.of("now", now)));
  }

  static byte[] gap(long asked, long last) {
    // Before the first row of a ledger there is no place that a reader could name.
    return frame(
        "gap", last < 0 ? null : last, json(new TreeMap<>(Map.of("asked", asked, "last", last))));
  }
}
