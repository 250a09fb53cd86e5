package io.fileaudit.server.ingest;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.Problem;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.ingest.Ingest;
import io.fileaudit.core.ingest.Source;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.watch.LiveBatches;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Closing;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Problems;
import io.fileaudit.server.http.Route;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes streams of events and answers with one summary, or with a line for each commit while the
 * request is still being sent.
 */
public final class EventCalls {
  /** The header that names who numbers the events. */
  public static final String PRODUCER = "Audit-Producer";

  private static final String BINARY_MODE = "ce-specversion";
  private static final int MAX_PRODUCER_CHARACTERS = 200;

  private final Ingest ingest;
  private final Batches batches;
  private final LiveBatches live;
  private final Closing closing;

  /** Calls that hand streams to that ingest. */
  public EventCalls(Ingest ingest, Batches batches, LiveBatches live, Closing closing) {
    this.ingest = ingest;
    this.batches = batches;
    this.live = live;
    this.closing = closing;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(Route.load(HttpMethod.POST, "/api/v1/batches/{id}/events", this::events));
  }

  private Mono<ServerResponse> events(Call call) {
    Parameters.none(call);
    MediaType sent =
        Media.sent(call, Media.NDJSON, Media.JSON, Media.CLOUD_EVENT, Media.CLOUD_EVENTS);
    checkMode(call);
    Source source = source(call, sent);
    MediaType wanted = Media.wanted(call, Media.JSON, Media.NDJSON);
    AtomicBoolean cut = new AtomicBoolean();
    Flux<byte[]> body =
        WholeLines.until(body(call, sent), closing.signal().doOnTerminate(() -> cut.set(true)));
    if (wanted.equals(Media.NDJSON)) {
      Flux<Ack> acks = ingest.watchedLines(source, body, live);
      return Answers.live(
          Media.NDJSON,
          acks.switchIfEmpty(Mono.defer(() -> nothing(source))).map(EventCalls::line));
    }
    return ingest
        .lines(source, body)
        .reduce(Ack::and)
        .switchIfEmpty(Mono.defer(() -> nothing(source)))
        .flatMap(ack -> cut.get() ? cutOff(call, ack) : Summaries.answer(call, ack));
  }

  /**
   * A summary of a part must not pass for one of the whole, so whoever did not ask for an answer
   * while it sends is told to send again.
   */
  private static Mono<ServerResponse> cutOff(Call call, Ack ack) {
    AuditException stopping =
        new AuditException(
            ProblemType.UNAVAILABLE,
            "this node is stopping; lines 1 to "
                + ack.lastLine()
                + " were answered as acknowledgement says, the rest was not read");
    ObjectNode json = Problems.json(Problem.of(stopping, call.path()));
    json.set("acknowledgement", AuditJson.strict().valueToTree(ack));
    return Answers.problem(stopping.type(), json);
  }

  private static Source source(Call call, MediaType sent) {
    boolean onlyCloudEvents = sent.equals(Media.CLOUD_EVENT) || sent.equals(Media.CLOUD_EVENTS);
    return new Source(
        call.batch(), call.run(), producer(call), call.principal().name(), onlyCloudEvents);
  }

  /** An event without its attributes would be taken for one that names no id, and counted twice. */
  private static void checkMode(Call call) {
    if (call.header(BINARY_MODE) != null) {
      throw new AuditException(
          ProblemType.BAD_REQUEST,
          BINARY_MODE
              + " says that this is a CloudEvent in binary mode, expected structured or batched"
              + " mode: Content-Type "
              + Media.CLOUD_EVENT
              + " or "
              + Media.CLOUD_EVENTS);
    }
  }

  private static Flux<byte[]> body(Call call, MediaType sent) {
    Flux<byte[]> body = UploadFloor.of(Unpacking.of(call), System::nanoTime);
    if (sent.equals(Media.NDJSON)) {
      return body;
    }
    if (sent.equals(Media.CLOUD_EVENT)) {
      return JsonLines.of(body, JsonLines.Shape.ONE);
    }
    return JsonLines.of(
        body, sent.equals(Media.CLOUD_EVENTS) ? JsonLines.Shape.ARRAY : JsonLines.Shape.ANY);
  }

  private static @Nullable String producer(Call call) {
    String producer = call.header(PRODUCER);
    if (producer == null) {
      return null;
    }
    boolean printable = producer.chars().allMatch(c -> c >= ' ' && c <= '~');
    if (producer.isBlank() || producer.length() > MAX_PRODUCER_CHARACTERS || !printable) {
      throw new AuditException(
          ProblemType.BAD_REQUEST,
          PRODUCER
              + " is expected to have 1 to "
              + MAX_PRODUCER_CHARACTERS
              + " printable ASCII characters");
    }
    return producer;
  }

  private static byte[] line(Ack ack) {
    return (AuditJson.strict().writeValueAsString(ack) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** What is answered to a request without a line: nothing was done, but the batch is there. */
  private Mono<Ack> nothing(Source source) {
    return batches
        .find(source.batch())
        .map(
            batch -> {
              BatchState state = batch.state();
              return Ack.nothing(0, state.run(), state.status(), state.version(), state.verdict());
            });
  }
}
