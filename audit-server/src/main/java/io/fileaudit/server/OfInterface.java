package io.fileaudit.server;

import org.springframework.context.ApplicationContext;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/**
 * Keeps filters and routes to the interface: health and metrics have a port and rules of their own.
 */
final class OfInterface {
  private OfInterface() {}

  /** That filter for requests to the interface; others pass it by. */
  static WebFilter only(ApplicationContext context, WebFilter filter) {
    return (exchange, chain) ->
        exchange.getApplicationContext() == context
            ? filter.filter(exchange, chain)
            : chain.filter(exchange);
  }

  /** Those routes for requests to the interface; elsewhere they are not there. */
  static RouterFunction<ServerResponse> only(
      ApplicationContext context, RouterFunction<ServerResponse> routes) {
    return request ->
        request.exchange().getApplicationContext() == context
            ? routes.route(request)
            : Mono.empty();
  }
}
