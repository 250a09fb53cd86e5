package io.fileaudit.server.trace;

import io.fileaudit.core.trace.RequestTrace;
import io.fileaudit.server.http.Router;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * Gives each request a span, which goes on the trace of its header {@code traceparent} where it has
 * one. What the request does finds it as a {@link RequestTrace} in the Reactor context; no thread
 * is marked for longer than a call, so that the pipeline costs what it costs without.
 */
public final class RequestSpans implements WebFilter {
  private static final int SERVER_ERROR = 500;

  private final Tracer tracer;
  private final Propagator propagator;

  /** Spans of that tracer. */
  public RequestSpans(Tracer tracer, Propagator propagator) {
    this.tracer = tracer;
    this.propagator = propagator;
  }

  /** Where nothing is traced: every request passes by. */
  public static WebFilter none() {
    return (exchange, chain) -> chain.filter(exchange);
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return Mono.defer(
        () -> {
          Span span = begin(exchange.getRequest());
          RequestTrace trace = new SpanTrace(tracer, span);
          Mono<Void> traced =
              chain
                  .filter(exchange)
                  .doFinally(signal -> end(exchange, span, signal))
                  .contextWrite(context -> context.put(RequestTrace.class, trace));
          // What is refused at once is logged in this call.
          return Mono.from(subscriber -> trace.within(() -> traced.subscribe(subscriber)));
        });
  }

  private Span begin(ServerHttpRequest request) {
    return propagator
        .extract(request.getHeaders(), HttpHeaders::getFirst)
        .kind(Span.Kind.SERVER)
        .name(request.getMethod().name())
        .tag("http.request.method", request.getMethod().name())
        .start();
  }

  /** The address itself is no part of it: it may name files, and what is in it is in the log. */
  private static void end(ServerWebExchange exchange, Span span, SignalType signal) {
    Object route = exchange.getAttributes().get(Router.PATTERN);
    if (route != null) {
      span.name(exchange.getRequest().getMethod().name() + " " + route);
      span.tag("http.route", route.toString());
    }
    HttpStatusCode status = exchange.getResponse().getStatusCode();
    if (signal == SignalType.CANCEL) {
      span.event("aborted");
    } else if (status != null) {
      span.tag("http.response.status_code", status.value());
      if (status.value() >= SERVER_ERROR) {
        span.tag("error.type", Integer.toString(status.value()));
      }
    }
    span.end();
  }
}
