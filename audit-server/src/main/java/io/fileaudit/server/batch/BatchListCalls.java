package io.fileaudit.server.batch;

import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.live.FeedFilter;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.BatchQuery;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Cursor;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
    Parameters given = Parameters.of(call, BatchFilters.and("cursor", "page_size"));
    int size = (int) given.integer("page_size", 1, LARGEST_PAGE, PAGE);
    Optional<FeedFilter> filter = BatchFilters.of(call.namespace(), given, size + 1);
    if (filter.isEmpty()) {
      return Answers.json(new Answers.Page(List.of(), null));
    }
    String cursor = given.text("cursor");
    BatchQuery.Place after = cursor == null ? null : place(cursor);
    return found(filter.get(), after)
        .take(size + 1L)
        .collectList()
        .flatMap(found -> Answers.json(page(found, size)));
  }

  /** Flags are derived from the time at which one looks, so open batches are read and looked at. */
  private Flux<BatchRecord> found(FeedFilter filter, BatchQuery.@Nullable Place after) {
    if (filter.flags().isEmpty()) {
      return store.list(filter.query().behind(after));
    }
    return store.listAll(filter.query().atATime(SCANNED).behind(after)).filter(filter::fits);
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

  private static BatchQuery.Place place(String cursor) {
    Cursor.Place place = Cursor.opened(CURSOR, cursor);
    return new BatchQuery.Place(place.openedAt(), place.batch());
  }
}
