package io.fileaudit.server;

import org.springframework.context.ApplicationContext;
import org.springframework.web.server.WebFilter;

/** Keeps filters to the interface: health and metrics have a port and rules of their own. */
final class OfInterface {
  private OfInterface() {}

  /** That filter for requests to the interface; others pass it by. */
  static WebFilter only(ApplicationContext context, WebFilter filter) {
    return (exchange, chain) ->
        exchange.getApplicationContext() == context
            ? filter.filter(exchange, chain)
            : chain.filter(exchange);
  }
}
