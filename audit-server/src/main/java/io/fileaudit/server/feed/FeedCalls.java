package io.fileaudit.server.feed;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.live.FeedFilter;
import io.fileaudit.core.live.Feeds;
import io.fileaudit.server.batch.BatchFilters;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Closing;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Resume;
import io.fileaudit.server.http.Route;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Feeds of one batch and of many. */
public final class FeedCalls {
  private static final int PAGE = 500;

  private final Feeds feeds;
  private final Closing closing;

  /**
   * Calls that open those feeds.
   *
   * @param closing ends them
   */
  public FeedCalls(Feeds feeds, Closing closing) {
    this.feeds = feeds;
    this.closing = closing;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.read("/api/v1/batches/{id}/feed", this::one), Route.read("/api/v1/feed", this::many));
  }

  private Mono<ServerResponse> one(Call call) {
    BatchKey key = call.batch();
    Media.wanted(call, MediaType.TEXT_EVENT_STREAM);
    @Nullable Long after = Resume.after(call, Parameters.of(call, Resume.PARAMETER));
    return Answers.events(call, feeds.batch(key, after), closing);
  }

  private Mono<ServerResponse> many(Call call) {
    Media.wanted(call, MediaType.TEXT_EVENT_STREAM);
    Parameters given = Parameters.of(call, BatchFilters.and("snapshots", Resume.PARAMETER));
    boolean snapshots = !Boolean.FALSE.equals(given.flag("snapshots"));
    FeedFilter filter =
        BatchFilters.of(call.namespace(), given, PAGE)
            .orElseThrow(
                () -> Parameters.refuse("these filters contradict each other: no batch fits them"));
    Flux<byte[]> feed = feeds.many(filter, Resume.after(call, given), snapshots);
    return Answers.events(call, feed, closing);
  }
}
