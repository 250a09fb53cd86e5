package io.fileaudit.core.live;

import io.fileaudit.api.json.AuditJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;
import tools.jackson.databind.JsonNode;

/** Reads a feed as it is told to, as a client would: events, and where it may resume. */
final class FeedReader extends BaseSubscriber<byte[]> {
  /**
   * One event.
   *
   * @param event its kind
   * @param id from where to resume; null where one cannot
   * @param data what it says
   * @param bytes as they came
   */
  record Frame(String event, @Nullable Long id, JsonNode data, byte[] bytes) {
    String status() {
      return data.get("status").asString();
    }

    long version() {
      return data.get("version").asLong();
    }
  }

  private final long requested;
  private final List<Frame> frames = new ArrayList<>();
  private @Nullable Long lastId;
  @Nullable SignalType end;
  @Nullable Throwable error;

  private FeedReader(long requested) {
    this.requested = requested;
  }

  /** Reads everything. */
  static FeedReader of(Flux<byte[]> feed) {
    return of(feed, Long.MAX_VALUE);
  }

  /** Requests so much and no more until it is told to. */
  static FeedReader of(Flux<byte[]> feed, long requested) {
    FeedReader reader = new FeedReader(requested);
    feed.subscribe(reader);
    return reader;
  }

  @Override
  protected void hookOnSubscribe(Subscription subscription) {
    if (requested > 0) {
      subscription.request(requested);
    }
  }

  @Override
  protected void hookOnNext(byte[] bytes) {
    String event = "message";
    Long id = null;
    JsonNode data = null;
    for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n")) {
      if (line.startsWith("event: ")) {
        event = line.substring("event: ".length());
      } else if (line.startsWith("id: ")) {
        id = Long.valueOf(line.substring("id: ".length()));
      } else if (line.startsWith("data: ")) {
        data = AuditJson.lenient().readTree(line.substring("data: ".length()));
      }
    }
    if (data != null) {
      lastId = id == null ? lastId : id;
      frames.add(new Frame(event, id, data, bytes));
    }
  }

  @Override
  protected void hookOnError(Throwable thrown) {
    error = thrown;
  }

  @Override
  protected void hookFinally(SignalType type) {
    end = type;
  }

  /** What came since the last call. */
  List<Frame> taken() {
    List<Frame> taken = List.copyOf(frames);
    frames.clear();
    return taken;
  }

  /** The one event that came since the last call. */
  Frame one() {
    List<Frame> taken = taken();
    if (taken.size() != 1) {
      throw new AssertionError("expected one event: " + taken);
    }
    return taken.get(0);
  }

  /** The id of the last event that had one. */
  @Nullable Long lastId() {
    return lastId;
  }

  /** From where a reader resumes that was told an id. */
  long resumeFrom() {
    return Objects.requireNonNull(lastId);
  }
}
