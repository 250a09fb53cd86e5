package io.fileaudit.server.http;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes answers. All are lazy; cancelling one stops what it is made from; errors of what it is made
 * from become problems.
 */
public final class Answers {
  /** How many items of a stream go out in one buffer. */
  private static final int ITEMS = 256;

  /** How long a reader has, once the service stops, to take what is left. */
  private static final Duration LAST_WORD = Duration.ofSeconds(1);

  private static final DefaultDataBufferFactory BUFFERS = DefaultDataBufferFactory.sharedInstance;

  private static final byte[] CLOSING =
      "event: closing\ndata: {}\n\n".getBytes(StandardCharsets.US_ASCII);

  private Answers() {}

  /**
   * A page of a list.
   *
   * @param items what is on it
   * @param next where the next one begins; null after the last
   */
  public record Page(List<?> items, @Nullable String next) {}

  /** A list that is given whole. */
  public record Items(List<?> items) {}

  /** 200 with that value as JSON. */
  public static Mono<ServerResponse> json(Object value) {
    return json(ServerResponse.ok(), value);
  }

  /** That value as JSON with the status and headers begun. */
  public static Mono<ServerResponse> json(ServerResponse.BodyBuilder begun, Object value) {
    return bytes(begun, MediaType.APPLICATION_JSON, AuditJson.strict().writeValueAsBytes(value));
  }

  /** Those bytes with the status and headers begun. */
  public static Mono<ServerResponse> bytes(
      ServerResponse.BodyBuilder begun, MediaType type, byte[] body) {
    return begun
        .contentType(type)
        .contentLength(body.length)
        .body(
            (response, context) -> response.writeWith(Mono.fromSupplier(() -> BUFFERS.wrap(body))));
  }

  /** A problem with extensions of its own. */
  public static Mono<ServerResponse> problem(ProblemType type, ObjectNode problem) {
    byte[] body = AuditJson.strict().writeValueAsBytes(problem);
    return ServerResponse.status(HttpStatus.valueOf(type.status()))
        .headers(headers -> Problems.headers(headers, type))
        .contentLength(body.length)
        .body(
            (response, context) -> response.writeWith(Mono.fromSupplier(() -> BUFFERS.wrap(body))));
  }

  /** Texts in a row, read only as fast as they are sent, several in a buffer. */
  public static Mono<ServerResponse> stream(
      ServerResponse.BodyBuilder begun, MediaType type, Flux<byte[]> texts) {
    Flux<DataBuffer> buffers = texts.buffer(ITEMS).map(Answers::joined);
    return begun
        .contentType(type)
        .body((response, context) -> asLongAsWritten(buffers, response::writeWith));
  }

  /** Texts in a row, each sent at once. */
  public static Mono<ServerResponse> live(MediaType type, Flux<byte[]> texts) {
    Flux<Publisher<DataBuffer>> flushed =
        texts.map(text -> Mono.fromSupplier(() -> BUFFERS.wrap(text)));
    return ServerResponse.ok()
        .contentType(type)
        .header("X-Accel-Buffering", "no")
        .body((response, context) -> asLongAsWritten(flushed, response::writeAndFlushWith));
  }

  /**
   * Server-sent events, each sent at once, until the service stops, which is the last of them; a
   * reader that does not take even that is cut off. What fails before the first is answered by its
   * status.
   */
  public static Mono<ServerResponse> events(Call call, Flux<byte[]> frames, Closing closing) {
    ServerResponse.BodyBuilder begun =
        ServerResponse.ok()
            .contentType(MediaType.TEXT_EVENT_STREAM)
            .header("X-Accel-Buffering", "no")
            .header(HttpHeaders.CACHE_CONTROL, "no-store, no-transform");
    if (call.request().method() == HttpMethod.HEAD) {
      return frames.take(1).then(begun.build());
    }
    Flux<Publisher<DataBuffer>> flushed =
        frames
            .takeUntilOther(closing.signal())
            .concatWith(Mono.fromSupplier(() -> closing.hasBegun() ? CLOSING : null))
            .map(frame -> Mono.fromSupplier(() -> BUFFERS.wrap(frame)));
    return begun.body(
        (response, context) ->
            Mono.firstWithSignal(
                asLongAsWritten(flushed, response::writeAndFlushWith),
                closing
                    .signal()
                    .then(Mono.delay(LAST_WORD))
                    .then(Mono.fromRunnable(() -> cutOff(response)))));
  }

  /** What was not read can only be thrown away: the connection would wait for it. */
  private static void cutOff(ServerHttpResponse response) {
    if (ServerHttpResponseDecorator.<Object>getNativeResponse(response)
        instanceof HttpServerResponse sending) {
      sending.withConnection(connection -> connection.channel().close());
    }
  }

  /**
   * Cancels the parts of an answer when its writing has ended, however it did: where the connection
   * is gone by the moment in which the first part is there, writing fails and nobody else does.
   */
  private static <T> Mono<Void> asLongAsWritten(
      Flux<T> parts, Function<Publisher<T>, Mono<Void>> writing) {
    return Mono.defer(
        () -> {
          Disposable.Swap source = Disposables.swap();
          return writing
              .apply(parts.doOnSubscribe(read -> source.replace(read::cancel)))
              .doFinally(signal -> source.dispose());
        });
  }

  private static DataBuffer joined(List<byte[]> texts) {
    int length = texts.stream().mapToInt(text -> text.length).sum();
    DataBuffer buffer = BUFFERS.allocateBuffer(length);
    texts.forEach(buffer::write);
    return buffer;
  }
}
