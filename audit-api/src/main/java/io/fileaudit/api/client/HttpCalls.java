package io.fileaudit.api.client;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.Problem;
import io.fileaudit.api.problem.ProblemType;
import io.netty.channel.ChannelException;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;

/** Carries calls to the service and back, and gives each error its name. */
final class HttpCalls {
  static final String JSON = "application/json";
  static final String LINES = "application/x-ndjson";

  private static final String PROBLEM = "application/problem+json";
  private static final int SHOWN_CHARACTERS = 200;

  private final HttpClient whole;
  private final HttpClient streaming;
  private final URI address;

  /**
   * Calls below that address.
   *
   * @param whole for calls that are answered as a whole
   * @param streaming for calls that are open at an end: nothing is tried again, a connection each
   */
  HttpCalls(HttpClient whole, HttpClient streaming, URI address) {
    this.whole = whole;
    this.streaming = streaming;
    this.address = address;
  }

  /** The client for calls that are open at an end. */
  HttpClient streaming() {
    return streaming;
  }

  /** The whole address of a path below {@code /api/v1}. */
  String url(String path) {
    String base = address.toString();
    return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + "/api/v1" + path;
  }

  /** The JSON answer to a GET. */
  <T> Mono<T> get(String path, JavaType type) {
    return exchange(whole, HttpMethod.GET, path, null).map(body -> read(body, type));
  }

  /**
   * The JSON answer to a GET with the tag that it carries; empty where it is 304 to a known one.
   *
   * @param known the tag of an answer before; null where there was none
   */
  <T> Mono<Tagged<T>> tagged(String path, @Nullable String known, JavaType type) {
    return whole
        .headers(
            headers -> {
              headers.set(HttpHeaderNames.ACCEPT, JSON);
              if (known != null) {
                headers.set(HttpHeaderNames.IF_NONE_MATCH, known);
              }
            })
        .get()
        .uri(url(path))
        .responseSingle(
            (response, content) ->
                content
                    .asByteArray()
                    .defaultIfEmpty(new byte[0])
                    .flatMap(body -> this.<T>tagged(response, body, type)))
        .onErrorMap(this::named);
  }

  private <T> Mono<Tagged<T>> tagged(HttpClientResponse response, byte[] body, JavaType type) {
    if (response.status().equals(HttpResponseStatus.NOT_MODIFIED)) {
      return Mono.empty();
    }
    return accept(response, body)
        .map(
            json ->
                new Tagged<>(
                    read(json, type), response.responseHeaders().get(HttpHeaderNames.ETAG, "")));
  }

  /** The JSON answer to a PUT, which may be sent twice where a kept connection turns out closed. */
  <T> Mono<T> put(String path, Object body, JavaType type, Map<String, String> headers) {
    HttpClient client = whole.headers(all -> headers.forEach(all::set));
    return exchange(client, HttpMethod.PUT, path, body).map(json -> read(json, type));
  }

  /** The JSON answer to a DELETE. */
  <T> Mono<T> delete(String path, JavaType type) {
    return exchange(whole, HttpMethod.DELETE, path, null).map(body -> read(body, type));
  }

  /** The JSON answer to a POST, sent once at most. */
  <T> Mono<T> post(String path, Object body, JavaType type) {
    return exchange(whole.disableRetry(true), HttpMethod.POST, path, body)
        .map(json -> read(json, type));
  }

  private Mono<byte[]> exchange(
      HttpClient client, HttpMethod method, String path, @Nullable Object body) {
    HttpClient.RequestSender sender =
        client
            .headers(
                headers -> {
                  headers.set(HttpHeaderNames.ACCEPT, JSON);
                  if (body != null) {
                    headers.set(HttpHeaderNames.CONTENT_TYPE, JSON);
                  }
                })
            .request(method)
            .uri(url(path));
    HttpClient.ResponseReceiver<?> receiver =
        body == null
            ? sender
            : sender.send(
                ByteBufFlux.fromInbound(
                    Mono.fromCallable(() -> AuditJson.strict().writeValueAsBytes(body))));
    return receiver
        .responseSingle(
            (response, content) ->
                content
                    .asByteArray()
                    .defaultIfEmpty(new byte[0])
                    .flatMap(bytes -> accept(response, bytes)))
        .onErrorMap(this::named);
  }

  private Mono<byte[]> accept(HttpClientResponse response, byte[] body) {
    return isSuccess(response) ? Mono.just(body) : Mono.error(problem(response, body));
  }

  /**
   * The lines of the answer to a GET. Lazy; read from the network only as lines are requested;
   * cancelling closes the connection.
   */
  Flux<byte[]> lines(String path) {
    return streaming
        .headers(headers -> headers.set(HttpHeaderNames.ACCEPT, LINES))
        .get()
        .uri(url(path))
        .response(this::lines)
        .onErrorMap(this::named);
  }

  /** The answer to a GET as it comes; as {@link #lines(String)} otherwise. */
  Flux<byte[]> pieces(String path, String type) {
    return streaming
        .headers(headers -> headers.set(HttpHeaderNames.ACCEPT, type))
        .get()
        .uri(url(path))
        .response(
            (response, content) ->
                isSuccess(response) ? content.asByteArray() : failure(response, content))
        .onErrorMap(this::named);
  }

  /** The lines of an answer, or the problem that it is instead. */
  Flux<byte[]> lines(HttpClientResponse response, ByteBufFlux content) {
    return isSuccess(response) ? TextLines.of(content.asByteArray()) : failure(response, content);
  }

  private Flux<byte[]> failure(HttpClientResponse response, ByteBufFlux content) {
    return content
        .aggregate()
        .asByteArray()
        .defaultIfEmpty(new byte[0])
        .flatMapMany(bytes -> Flux.error(problem(response, bytes)));
  }

  private static boolean isSuccess(HttpClientResponse response) {
    return response.status().code() / 100 == 2;
  }

  /** A value of the wire; fields that are not known are passed over. */
  <T> T read(byte[] json, JavaType type) {
    try {
      return AuditJson.lenient().readValue(json, type);
    } catch (JacksonException e) {
      throw new UnexpectedAnswerException(
          200, "what answers at " + address + " is not understood: " + e.getOriginalMessage(), e);
    }
  }

  private RuntimeException problem(HttpClientResponse response, byte[] body) {
    int status = response.status().code();
    String contentType = response.responseHeaders().get(HttpHeaderNames.CONTENT_TYPE, "");
    if (contentType.toLowerCase(Locale.ROOT).startsWith(PROBLEM)) {
      try {
        return exception(AuditJson.lenient().readValue(body, Problem.class), status)
            .after(retryAfter(response));
      } catch (JacksonException e) {
        return unexpected(status, body, e);
      }
    }
    if (status == 429 || status == 502 || status == 503 || status == 504) {
      // Also of a proxy, which does not speak as the service does.
      ProblemType busy = status == 429 ? ProblemType.TOO_MANY_REQUESTS : ProblemType.UNAVAILABLE;
      return new AuditException(busy, address + " answers " + response.status())
          .after(retryAfter(response));
    }
    return unexpected(status, body, null);
  }

  /** RFC 9110 §10.2.3 in its form of seconds; dates are passed over. */
  private static @Nullable Duration retryAfter(HttpClientResponse response) {
    String seconds = response.responseHeaders().get(HttpHeaderNames.RETRY_AFTER, "");
    return seconds.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(seconds)) : null;
  }

  private static AuditException exception(Problem problem, int status) {
    ProblemType type = type(problem.type(), status);
    String detail = problem.detail() == null ? type.title() : problem.detail();
    return type == ProblemType.BATCH_ENDED && problem.verdict() != null
        ? AuditException.ended(detail, problem.verdict())
        : new AuditException(type, detail);
  }

  /** The type of that name, or the nearest to the status where a newer service has new names. */
  private static ProblemType type(@Nullable String uri, int status) {
    String slug = uri == null ? "" : uri.substring(uri.lastIndexOf('/') + 1);
    return Arrays.stream(ProblemType.values())
        .filter(type -> type.slug().equals(slug))
        .findFirst()
        .orElseGet(() -> nearest(status));
  }

  private static ProblemType nearest(int status) {
    return switch (status) {
      case 401 -> ProblemType.UNAUTHENTICATED;
      case 403 -> ProblemType.FORBIDDEN;
      case 404 -> ProblemType.NOT_FOUND;
      case 409 -> ProblemType.INVALID_TRANSITION;
      case 422 -> ProblemType.INVALID_REQUEST;
      case 429 -> ProblemType.TOO_MANY_REQUESTS;
      default -> status < 500 ? ProblemType.BAD_REQUEST : ProblemType.INTERNAL;
    };
  }

  private UnexpectedAnswerException unexpected(int status, byte[] body, @Nullable Throwable cause) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    String shown = text.substring(0, Math.min(text.length(), SHOWN_CHARACTERS));
    return new UnexpectedAnswerException(
        status,
        "what answers at " + address + " is no audit service: status " + status + ", " + shown,
        cause);
  }

  /** Errors of the network under the name that callers know; others as they are. */
  Throwable named(Throwable error) {
    boolean network =
        error instanceof IOException
            || error instanceof ChannelException
            || error instanceof DecoderException
            || error instanceof AbortedException
            || error instanceof TimeoutException;
    if (!network) {
      return error;
    }
    return new UnreachableException(
        "no answer from the audit service at " + address + ": " + reason(error), error);
  }

  private static String reason(Throwable error) {
    if (error instanceof ConnectTimeoutException) {
      return "no connection in time";
    }
    if (error instanceof ConnectException) {
      return "connection refused";
    }
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertPathBuilderException
          || cause instanceof CertPathValidatorException) {
        return "its certificate is not of an authority that is trusted here; AUDIT_CA, or"
            + " trusting(file), names one";
      }
    }
    String message = error.getMessage();
    return message == null ? error.getClass().getSimpleName() : message;
  }
}
