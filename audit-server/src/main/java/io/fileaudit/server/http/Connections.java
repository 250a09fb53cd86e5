package io.fileaudit.server.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.netty.http.server.HttpServer;

/** Counts the connections that clients have open. */
public final class Connections {
  private final AtomicInteger open = new AtomicInteger();

  /** A count that is a meter of that registry. */
  public Connections(MeterRegistry registry) {
    Gauge.builder("audit.connections", open, AtomicInteger::get)
        .description("Connections that clients have open to this node")
        .register(registry);
  }

  /** That server with its connections counted. */
  public HttpServer of(HttpServer server) {
    return server.doOnChannelInit(
        (observer, channel, remote) -> {
          open.incrementAndGet();
          channel.closeFuture().addListener(closed -> open.decrementAndGet());
        });
  }
}
