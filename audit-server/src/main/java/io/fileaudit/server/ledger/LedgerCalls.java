package io.fileaudit.server.ledger;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.live.Feeds;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.Rejected;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Closing;
import io.fileaudit.server.http.Cursor;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Resume;
import io.fileaudit.server.http.Route;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Shows what is kept of a batch: its ledger, its verdicts, refused events and producers. */
public final class LedgerCalls {
  private static final char CURSOR = 'r';
  private static final int PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;

  private final Batches batches;
  private final AuditStore store;
  private final Feeds feeds;
  private final Closing closing;

  /**
   * What that store keeps.
   *
   * @param feeds follows ledgers that grow
   * @param closing ends that
   */
  public LedgerCalls(Batches batches, AuditStore store, Feeds feeds, Closing closing) {
    this.batches = batches;
    this.store = store;
    this.feeds = feeds;
    this.closing = closing;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.read("/api/v1/batches/{id}/ledger", this::ledger),
        Route.read("/api/v1/batches/{id}/verdicts", this::verdicts),
        Route.read("/api/v1/batches/{id}/rejected", this::rejected),
        Route.any(HttpMethod.GET, "/api/v1/batches/{id}/producers", this::producers));
  }

  private Mono<ServerResponse> ledger(Call call) {
    BatchKey key = call.batch();
    MediaType wanted = Media.wanted(call, Media.NDJSON, MediaType.TEXT_EVENT_STREAM);
    Parameters given = Parameters.of(call, "from", Resume.PARAMETER);
    long from = given.integer("from", 0, Long.MAX_VALUE, 0);
    if (wanted.equals(MediaType.TEXT_EVENT_STREAM)) {
      Flux<byte[]> rows = feeds.ledger(key, from, Resume.after(call, given));
      return Answers.events(call, rows, closing);
    }
    Flux<byte[]> lines =
        store.ledger(key, from).map(body -> (body + "\n").getBytes(StandardCharsets.UTF_8));
    return batches
        .find(key)
        .flatMap(batch -> Answers.stream(ServerResponse.ok(), Media.NDJSON, lines));
  }

  private Mono<ServerResponse> verdicts(Call call) {
    return items(call, store.verdicts(call.batch()));
  }

  private Mono<ServerResponse> producers(Call call) {
    return items(call, store.producers(call.batch()));
  }

  private Mono<ServerResponse> items(Call call, Flux<?> items) {
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    return batches
        .find(call.batch())
        .flatMap(batch -> items.collectList())
        .flatMap(found -> Answers.json(new Answers.Items(found)));
  }

  private Mono<ServerResponse> rejected(Call call) {
    BatchKey key = call.batch();
    Media.wanted(call, Media.JSON);
    Parameters given = Parameters.of(call, "cursor", "page_size");
    int size = (int) given.integer("page_size", 1, LARGEST_PAGE, PAGE);
    String cursor = given.text("cursor");
    long after = cursor == null ? 0 : number(Cursor.place(CURSOR, cursor));
    return batches
        .find(key)
        .flatMap(batch -> store.rejected(key, after, size + 1).collectList())
        .flatMap(found -> Answers.json(page(found, size)));
  }

  private static Answers.Page page(List<Rejected> found, int size) {
    List<Rejected> shown = found.subList(0, Math.min(size, found.size()));
    String next =
        found.size() > size
            ? Cursor.of(CURSOR, Long.toString(shown.get(shown.size() - 1).number()))
            : null;
    return new Answers.Page(shown, next);
  }

  private static long number(String place) {
    try {
      long number = Long.parseLong(place);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, as a number that no event has is.
    }
    throw Cursor.bad();
  }
}
