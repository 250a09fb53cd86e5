package io.fileaudit.server.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Set;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/**
 * Counts and times requests by route and status. A stream counts from its first byte to its last.
 */
public final class HttpMeters implements WebFilter {
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS");

  private final MeterRegistry registry;

  /** Meters in that registry. */
  public HttpMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    return Mono.defer(
        () -> {
          Timer.Sample sample = Timer.start(registry);
          return chain.filter(exchange).doFinally(signal -> sample.stop(timer(exchange, signal)));
        });
  }

  private Timer timer(ServerWebExchange exchange, SignalType signal) {
    String method = exchange.getRequest().getMethod().name();
    Object route = exchange.getAttributes().getOrDefault(Router.PATTERN, "none");
    HttpStatusCode status = exchange.getResponse().getStatusCode();
    return Timer.builder("http.server.requests")
        .description("Requests, from their first byte to the last of the answer")
        .tags(
            Tags.of(
                "method", METHODS.contains(method) ? method : "other",
                "route", String.valueOf(route),
                "status",
                    signal == SignalType.ON_COMPLETE && status != null
                        ? Integer.toString(status.value())
                        : "aborted"))
        .register(registry);
  }
}
