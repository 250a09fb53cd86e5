package io.fileaudit.core.record;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.BatchStatusChange;
import io.fileaudit.api.batch.Links;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.access.Namespaces;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.store.StatusChange;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Says a change of status as a CloudEvent 1.0 in structured mode. The same change is the same event
 * whenever it is said: {@code source} and {@code id}, which names batch and version, tell repeats.
 * The record's key is the batch, so that those of one batch keep their order.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md">CloudEvents
 *     1.0</a>
 */
public final class StatusEvents {
  /** What a record's value is, in its header {@code content-type}. */
  public static final String CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8";

  private static final Map<String, String> HEADERS = Map.of("content-type", CONTENT_TYPE);

  private final @Nullable String address;

  /**
   * Events that lead to the pages of batches.
   *
   * @param address where people find the service, as in {@code https://audit.example.org}; null
   *     where that is not known
   */
  public StatusEvents(@Nullable String address) {
    this.address = address == null ? null : address.replaceFirst("/+$", "");
  }

  /** The attributes of an event, and what it says. */
  private record CloudEvent(
      String specversion,
      String id,
      String source,
      String type,
      String subject,
      Instant time,
      String datacontenttype,
      Object data) {}

  /** The event of a change, as a record to be written. */
  public Outgoing of(StatusChange change) {
    return new Outgoing(
        change.key().id().toString().getBytes(StandardCharsets.UTF_8), json(change), HEADERS);
  }

  /** The event of a change as JSON. */
  public byte[] json(StatusChange change) {
    String batch = change.key().id().toString();
    return json(
        batch + "/" + change.version(),
        "/namespaces/" + change.key().namespace() + "/batches",
        type(change.status()),
        batch,
        change.at(),
        data(change));
  }

  /** Any event as JSON, by its attributes. */
  public byte[] json(
      String id, String source, String type, String subject, Instant at, Object data) {
    return AuditJson.lenient()
        .writeValueAsBytes(
            new CloudEvent("1.0", id, source, type, subject, at, "application/json", data));
  }

  /**
   * The status word in small letters behind {@code io.fileaudit.batch.}, as in {@code
   * io.fileaudit.batch.timed_out}. A batch that is resumed is {@code running}, as one that begins.
   */
  private static String type(BatchStatus status) {
    return "io.fileaudit.batch." + status.name().toLowerCase(Locale.ROOT);
  }

  private BatchStatusChange data(StatusChange change) {
    BatchSpec spec = change.spec();
    UUID batch = change.key().id();
    return new BatchStatusChange(
        change.key().namespace(),
        batch,
        spec.name(),
        spec.table(),
        spec.period(),
        spec.parent(),
        new TreeMap<>(change.labels()),
        change.run(),
        change.status(),
        change.version(),
        change.verdict(),
        Snapshots.totals(spec, change.tally(), change.events(), change.refused()),
        change.status().isOpen() ? null : change.tree(),
        page(change.key()));
  }

  /** The address of a batch's page, whichever namespace a reader is shown by default; or null. */
  public @Nullable String page(BatchKey key) {
    String namespace = key.namespace();
    return address(
        Links.of(key.id()).page()
            + (namespace.equals(Namespaces.DEFAULT) ? "" : "?namespace=" + namespace));
  }

  /** The address of a path of the service; null where its own address is not known. */
  public @Nullable String address(String path) {
    return address == null ? null : address + path;
  }
}
