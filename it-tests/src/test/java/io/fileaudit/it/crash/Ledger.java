package io.fileaudit.it.crash;

import io.fileaudit.api.batch.FileCounts;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.event.EventWriter;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.Utf8Output;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The ledger of a batch as the service gives it, and what it comes to when it is counted anew. */
public final class Ledger {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<String> texts;
  private final List<JsonNode> rows;
  private final List<JsonNode> events;

  private Ledger(List<String> texts) {
    this.texts = texts;
    this.rows = texts.stream().map(AuditJson.lenient()::readTree).toList();
    this.events = rows.stream().map(row -> row.get("event")).toList();
  }

  /** Reads all of it. */
  public static Ledger read(AuditClient client, UUID batch) {
    List<String> texts = client.ledger(batch, 0).collectList().block(LIMIT);
    return new Ledger(texts == null ? List.of() : texts);
  }

  /** How many rows there are. */
  public int size() {
    return rows.size();
  }

  /** The rows word for word. */
  public List<String> texts() {
    return texts;
  }

  /** The ledger numbers in the order of the rows. */
  public List<Long> numbers() {
    return rows.stream().map(row -> row.get("seq").asLong()).toList();
  }

  /** The producer's positions in the order of the rows. */
  public List<Long> positions() {
    return rows.stream().map(row -> row.get("position").asLong()).toList();
  }

  /** The events in the order of the rows. */
  public List<JsonNode> events() {
    return events;
  }

  /** The event as a ledger has it. */
  public static JsonNode stored(FileEvent event) {
    Utf8Output out = new Utf8Output(256);
    EventWriter.write(event, out);
    return AuditJson.lenient().readTree(out.toBytes());
  }

  /** Counts from 0 without a gap, so many. */
  public static List<Long> countFromZero(long many) {
    return LongStream.range(0, many).boxed().toList();
  }

  private static final class Counted {
    private boolean completed;
    private long rows;
    private long bytes;
  }

  /**
   * The figures of the batch by its rows alone. It knows only loads such as {@link Load}: a file is
   * tried once, and completes or still runs.
   */
  public Totals recount(long expected) {
    Map<String, Counted> files = new HashMap<>();
    for (JsonNode event : events()) {
      Counted file = files.computeIfAbsent(event.get("file").asString(), name -> new Counted());
      file.completed |= event.get("type").asString().equals("COMPLETED");
      file.rows = Math.max(file.rows, figure(event.get("rows")));
      file.bytes = Math.max(file.bytes, figure(event.get("bytes")));
    }
    List<Counted> completed = files.values().stream().filter(file -> file.completed).toList();
    List<Counted> running = files.values().stream().filter(file -> !file.completed).toList();
    return new Totals(
        new FileCounts(expected, 0, 0, running.size(), completed.size(), 0, 0),
        completed.stream().mapToLong(file -> file.rows).sum(),
        running.stream().mapToLong(file -> file.rows).sum(),
        0,
        completed.stream().mapToLong(file -> file.bytes).sum(),
        size(),
        0);
  }

  private static long figure(@Nullable JsonNode value) {
    return value == null ? 0 : value.asLong();
  }
}
