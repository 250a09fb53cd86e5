package io.fileaudit.server.batch;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Flag;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.BatchQuery;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Cursor;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Lists batches, newest first, page by page. */
public final class BatchListCalls {
  private static final char CURSOR = 'b';
  private static final int PAGE = 50;
  private static final int LARGEST_PAGE = 500;
  private static final int SCANNED = 1_000;

  private final AuditStore store;

  /** Lists of that store's batches. */
  public BatchListCalls(AuditStore store) {
    this.store = store;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(Route.read("/api/v1/batches", this::list));
  }

  private Mono<ServerResponse> list(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters given =
        Parameters.of(
            call,
            "status",
            "open",
            "table",
            "period",
            "label",
            "parent",
            "flag",
            "q",
            "cursor",
            "page_size");
    int size = (int) given.integer("page_size", 1, LARGEST_PAGE, PAGE);
    Set<Flag> flags = flags(given);
    Set<BatchStatus> statuses = statuses(given, !flags.isEmpty());
    if (statuses.isEmpty() && (given.flag("open") != null || !flags.isEmpty())) {
      return Answers.json(new Answers.Page(List.of(), null));
    }
    String cursor = given.text("cursor");
    BatchQuery query =
        new BatchQuery(
            call.namespace(),
            statuses.size() == BatchStatus.values().length ? Set.of() : statuses,
            given.text("table"),
            given.text("period"),
            labels(given),
            given.read("parent", BatchListCalls::parent),
            given.text("q"),
            cursor == null ? null : place(cursor),
            flags.isEmpty() ? size + 1 : SCANNED);
    return found(query, flags)
        .take(size + 1L)
        .collectList()
        .flatMap(found -> Answers.json(page(found, size)));
  }

  /** Flags are derived from the time at which one looks, so open batches are read and looked at. */
  private Flux<BatchRecord> found(BatchQuery query, Set<Flag> flags) {
    return flags.isEmpty()
        ? store.list(query)
        : store
            .list(query)
            .collectList()
            .expand(
                page ->
                    page.size() < SCANNED
                        ? Mono.empty()
                        : store.list(query.behind(placeOf(page.get(SCANNED - 1)))).collectList())
            .concatMap(Flux::fromIterable, 1)
            .filter(batch -> Snapshots.flags(batch).stream().anyMatch(flags::contains));
  }

  private static BatchQuery.Place placeOf(BatchRecord batch) {
    return new BatchQuery.Place(batch.openedAt(), batch.key().id());
  }

  private static Set<Flag> flags(Parameters given) {
    Set<Flag> flags = EnumSet.noneOf(Flag.class);
    given
        .list("flag")
        .forEach(word -> flags.add(Parameters.read("flag", word, BatchListCalls::flag)));
    return flags;
  }

  private static Flag flag(String word) {
    for (Flag flag : EnumSet.complementOf(EnumSet.of(Flag.SLOW))) {
      if (flag.wireName().equalsIgnoreCase(word.strip())) {
        return flag;
      }
    }
    throw new IllegalArgumentException(
        "\"" + Call.shortened(word) + "\", expected silent, stalled or over_limit");
  }

  private static Answers.Page page(List<BatchRecord> found, int size) {
    List<BatchRecord> shown = found.subList(0, Math.min(size, found.size()));
    String next = null;
    if (found.size() > size) {
      BatchRecord last = shown.get(shown.size() - 1);
      next = Cursor.of(CURSOR, new Cursor.Place(last.openedAt(), last.key().id(), ""));
    }
    return new Answers.Page(shown.stream().map(Snapshots::of).toList(), next);
  }

  /**
   * The statuses asked for, by name or as open or ended; empty where two filters contradict each
   * other or nothing is asked. Only open batches have flags.
   */
  private static Set<BatchStatus> statuses(Parameters given, boolean flagged) {
    Set<BatchStatus> statuses = EnumSet.noneOf(BatchStatus.class);
    given
        .list("status")
        .forEach(word -> statuses.add(Parameters.read("status", word, BatchStatus::parse)));
    Boolean open = given.flag("open");
    if (open == null && !flagged) {
      return statuses;
    }
    if (statuses.isEmpty()) {
      statuses.addAll(EnumSet.allOf(BatchStatus.class));
    }
    statuses.removeIf(
        status -> (open != null && status.isOpen() != open) || (flagged && !status.isOpen()));
    return statuses;
  }

  private static Map<String, String> labels(Parameters given) {
    Map<String, String> labels = new TreeMap<>();
    for (String label : given.all("label")) {
      int end = label.indexOf('=') >= 0 ? label.indexOf('=') : label.indexOf(':');
      if (end < 1) {
        throw Parameters.refuse("label is \"" + Call.shortened(label) + "\", expected name=value");
      }
      labels.put(label.substring(0, end), label.substring(end + 1));
    }
    return labels;
  }

  private static UUID parent(String text) {
    return Call.uuid(text)
        .orElseThrow(
            () -> new IllegalArgumentException("\"" + Call.shortened(text) + "\" is no UUID"));
  }

  private static BatchQuery.Place place(String cursor) {
    Cursor.Place place = Cursor.opened(CURSOR, cursor);
    return new BatchQuery.Place(place.openedAt(), place.batch());
  }
}
