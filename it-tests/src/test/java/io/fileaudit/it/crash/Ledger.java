package io.fileaudit.it.crash;

import io.fileaudit.api.batch.FileCounts;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.event.EventWriter;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.Utf8Output;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The ledger of a batch as the service gives it, and what it comes to when it is counted anew. */
public final class Ledger {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<String> texts;
  private final List<JsonNode> rows;

  private Ledger(List<String> texts, List<JsonNode> rows) {
    this.texts = texts;
    this.rows = rows;
  }

  /** Reads all of it. */
  public static Ledger read(AuditCalls client, UUID batch) {
    List<String> texts = client.ledger(batch, 0).collectList().block(LIMIT);
    return of(texts == null ? List.of() : texts);
  }

  /** The ledger of these rows. */
  static Ledger of(List<String> texts) {
    return new Ledger(texts, texts.stream().map(AuditJson.lenient()::readTree).toList());
  }

  /** How many rows there are. */
  public int size() {
    return rows.size();
  }

  /** The rows word for word. */
  public List<String> texts() {
    return texts;
  }

  /** Number and content of each row, as a reader of the feed notes them. */
  List<String> rowsAsRead() {
    return rows.stream().map(row -> row.get("seq").asLong() + " " + row).toList();
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
    return rows.stream().map(row -> row.get("event")).toList();
  }

  /** Under which key each row of an event was sent, in the order of the rows. */
  List<String> keys() {
    return rows.stream().map(Ledger::key).toList();
  }

  private static String key(JsonNode row) {
    return row.get("id").isNull() ? place(row) : row.get("id").asString();
  }

  /** The producer and the position of each row of an event that has them. */
  List<String> places() {
    return rows.stream().filter(row -> !row.get("position").isNull()).map(Ledger::place).toList();
  }

  private static String place(JsonNode row) {
    return Line.numbered(row.get("producer").asString(), row.get("position").asLong());
  }

  /** When each row was recorded by the store's clock, in the order of the rows. */
  List<Instant> times() {
    return rows.stream().map(row -> Instant.parse(row.get("recorded_at").asString())).toList();
  }

  /** The rows that record events, without decisions. */
  Ledger withoutDecisions() {
    return only(row -> !row.has("verdict"));
  }

  /** The rows that record decisions. */
  Ledger decisions() {
    return only(row -> row.has("verdict"));
  }

  private Ledger only(Predicate<JsonNode> wanted) {
    return of(
        IntStream.range(0, size())
            .filter(row -> wanted.test(rows.get(row)))
            .mapToObj(texts::get)
            .toList());
  }

  /** The first so many rows, or all there are. */
  Ledger first(long many) {
    int end = (int) Math.min(many, size());
    return new Ledger(texts.subList(0, end), rows.subList(0, end));
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
    private String state = "RUNNING";
    private long rows;
    private long bytes;

    boolean is(String wanted) {
      return state.equals(wanted);
    }
  }

  /**
   * The figures of the batch by its rows alone, refusals left out. It knows only loads such as
   * {@link Load}: a file is tried once, and completes, fails, or still runs.
   */
  public Totals recount(long expected) {
    Map<String, Counted> files = new HashMap<>();
    List<JsonNode> events = withoutDecisions().events();
    for (JsonNode event : events) {
      Counted file = files.computeIfAbsent(event.get("file").asString(), name -> new Counted());
      String type = event.get("type").asString();
      file.state = type.equals("COMPLETED") || type.equals("FAILED") ? type : file.state;
      file.rows = Math.max(file.rows, figure(event.get("rows")));
      file.bytes = Math.max(file.bytes, figure(event.get("bytes")));
    }
    List<Counted> running = in(files, "RUNNING");
    List<Counted> completed = in(files, "COMPLETED");
    return new Totals(
        new FileCounts(
            expected, 0, 0, running.size(), completed.size(), in(files, "FAILED").size(), 0),
        completed.stream().mapToLong(file -> file.rows).sum(),
        running.stream().mapToLong(file -> file.rows).sum(),
        0,
        completed.stream().mapToLong(file -> file.bytes).sum(),
        events.size(),
        0);
  }

  private static List<Counted> in(Map<String, Counted> files, String state) {
    return files.values().stream().filter(file -> file.is(state)).toList();
  }

  private static long figure(@Nullable JsonNode value) {
    return value == null ? 0 : value.asLong();
  }

  /** Totals as a recount gives them, which knows nothing of what was refused. */
  public static Totals withoutRefusals(Totals totals) {
    return new Totals(
        totals.files(),
        totals.rows(),
        totals.rowsInFlight(),
        totals.rejectedRows(),
        totals.bytes(),
        totals.events(),
        0);
  }
}
