package io.fileaudit.server.http;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.Problem;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.trace.RequestTrace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.DisconnectedClientHelper;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers every error as {@code application/problem+json}. What the caller cannot know of is logged
 * under an id, and only the id is answered.
 */
public final class Problems implements WebFilter {
  /** What the server says where it has refused a request by itself while it was carried out. */
  private static final String ANSWERED = "Status and headers already sent";

  private static final String RETRY_AFTER_SECONDS = "2";
  private static final Logger log = LoggerFactory.getLogger(Problems.class);

  private final Supplier<UUID> ids;

  /** Problems whose unknown causes are logged under ids of that source. */
  public Problems(Supplier<UUID> ids) {
    this.ids = ids;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return Mono.defer(() -> chain.filter(exchange))
        .onErrorResume(error -> Mono.deferContextual(context -> answer(exchange, error, context)));
  }

  /** What is logged of it names the request's trace. */
  private Mono<Void> answer(ServerWebExchange exchange, Throwable error, ContextView context) {
    List<Mono<Void>> answer = new ArrayList<>(1);
    RequestTrace.of(context).within(() -> answer.add(answer(exchange, error)));
    return answer.get(0);
  }

  private Mono<Void> answer(ServerWebExchange exchange, Throwable error) {
    ServerHttpResponse response = exchange.getResponse();
    if (isOfTheClient(error)) {
      log.debug("the client of {} went away", exchange.getRequest().getPath(), error);
      return response.isCommitted() ? Mono.error(error) : Mono.empty();
    }
    if (isAnswered(error)) {
      return unreadable(exchange);
    }
    AuditException known = known(error);
    if (response.isCommitted()) {
      log.warn("an answer to {} was cut off: {}", exchange.getRequest().getPath(), known.detail());
      return Mono.error(error);
    }
    return write(response, known.type(), Problem.of(known, path(exchange)))
        .onErrorResume(Problems::isAnswered, late -> unreadable(exchange));
  }

  /** Whether the server was faster: it refuses a body whose chunks cannot be read by itself. */
  private static boolean isAnswered(Throwable error) {
    return error instanceof IllegalStateException && ANSWERED.equals(error.getMessage());
  }

  private static Mono<Void> unreadable(ServerWebExchange exchange) {
    log.debug("a body for {} could not be read", exchange.getRequest().getPath());
    return Mono.empty();
  }

  /** A connection that was reset to the database looks the same, but has been given its name. */
  private static boolean isOfTheClient(Throwable error) {
    return !(error instanceof AuditException)
        && DisconnectedClientHelper.isClientDisconnectedException(error);
  }

  private static String path(ServerWebExchange exchange) {
    return exchange.getRequest().getPath().value();
  }

  /** The problem of any error; what is unknown is logged. */
  public Problem of(Throwable error, String path) {
    return Problem.of(known(error), path);
  }

  private AuditException known(Throwable error) {
    if (error instanceof AuditException audit) {
      if (audit.type() == ProblemType.UNAVAILABLE || audit.type() == ProblemType.INTERNAL) {
        log.warn("{}: {}", audit.type().slug(), audit.detail(), audit.getCause());
      }
      return audit;
    }
    if (error instanceof DataBufferLimitException) {
      return new AuditException(ProblemType.TOO_LARGE, "the body is too large");
    }
    if (error instanceof ResponseStatusException status) {
      Optional<ProblemType> type = ofStatus(status.getStatusCode());
      if (type.isPresent()) {
        return new AuditException(type.get(), type.get().title(), error);
      }
    }
    UUID id = ids.get();
    log.error("internal error {}", id, error);
    return new AuditException(
        ProblemType.INTERNAL, "an internal error; it is in the log as " + id, error);
  }

  private static Optional<ProblemType> ofStatus(HttpStatusCode status) {
    if (status.value() == ProblemType.BAD_REQUEST.status()) {
      return Optional.of(ProblemType.BAD_REQUEST);
    }
    return Arrays.stream(ProblemType.values())
        .filter(
            type ->
                type.status() == status.value()
                    && type.status() != ProblemType.BATCH_ENDED.status())
        .filter(type -> status.is4xxClientError())
        .findFirst();
  }

  /** The kind of problem of that name. */
  public static Optional<ProblemType> bySlug(String slug) {
    return Arrays.stream(ProblemType.values()).filter(type -> type.slug().equals(slug)).findFirst();
  }

  /** The headers that go with a kind of problem. */
  static void headers(HttpHeaders headers, ProblemType type) {
    headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    if (type == ProblemType.UNAVAILABLE || type == ProblemType.TOO_MANY_REQUESTS) {
      headers.set(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
  }

  /** A problem as JSON, open to extensions; what is null is left out. */
  public static ObjectNode json(Problem problem) {
    ObjectNode json = AuditJson.strict().valueToTree(problem);
    json.removeNulls();
    return json;
  }

  private static Mono<Void> write(ServerHttpResponse response, ProblemType type, Problem problem) {
    byte[] body = AuditJson.strict().writeValueAsBytes(json(problem));
    response.setRawStatusCode(type.status());
    headers(response.getHeaders(), type);
    response.getHeaders().setContentLength(body.length);
    return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
  }
}
