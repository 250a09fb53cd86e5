package io.fileaudit.api.client;

import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** A server on a free port of this machine that answers every request in one way. */
final class StubService implements AutoCloseable {
  private static final Duration MOST = Duration.ofSeconds(10);

  /** A request with a whole body, as it came. */
  record Received(String method, String uri, HttpHeaders headers, String body) {}

  /** What is answered to every request. */
  record Answer(int status, String contentType, String body) {
    static Answer json(String body) {
      return new Answer(200, "application/json", body);
    }

    static Answer lines(String body) {
      return new Answer(200, "application/x-ndjson", body);
    }

    static Answer problem(int status, String body) {
      return new Answer(status, "application/problem+json", body);
    }
  }

  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final DisposableServer server;

  private StubService(BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> handler) {
    server = HttpServer.create().host("127.0.0.1").port(0).handle(handler::apply).bindNow(MOST);
  }

  /** Handles requests by hand. */
  static StubService handling(
      BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> handler) {
    return new StubService(handler);
  }

  /** Reads each request to its end and answers it. */
  static StubService answering(Answer answer) {
    StubService[] self = new StubService[1];
    self[0] = new StubService((request, response) -> self[0].answer(request, response, answer));
    return self[0];
  }

  private Publisher<Void> answer(
      HttpServerRequest request, HttpServerResponse response, Answer answer) {
    return request
        .receive()
        .aggregate()
        .asString(StandardCharsets.UTF_8)
        .defaultIfEmpty("")
        .flatMap(
            body -> {
              received.add(
                  new Received(
                      request.method().name(), request.uri(), request.requestHeaders(), body));
              return response
                  .status(answer.status())
                  .header("Content-Type", answer.contentType())
                  .sendString(Mono.just(answer.body()))
                  .then();
            });
  }

  String url() {
    return "http://127.0.0.1:" + server.port();
  }

  AuditClientBuilder client() {
    return AuditClient.builder().url(url()).key("ak_test");
  }

  List<Received> received() {
    return received;
  }

  Received onlyRequest() {
    if (received.size() != 1) {
      throw new AssertionError("expected one request, there were " + received);
    }
    return received.get(0);
  }

  @Override
  public void close() {
    server.disposeNow(MOST);
  }
}
