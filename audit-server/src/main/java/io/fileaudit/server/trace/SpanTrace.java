package io.fileaudit.server.trace;

import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.trace.RequestTrace;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** The trace of a request that has a span. Thread-safe. */
final class SpanTrace implements RequestTrace {
  /** As ECS names them. */
  private static final String TRACE = "trace.id";

  private static final String SPAN = "span.id";

  private final Tracer tracer;
  private final Span request;

  SpanTrace(Tracer tracer, Span request) {
    this.tracer = tracer;
    this.request = request;
  }

  @Override
  public Commit commit(Chunk chunk, int together) {
    Span span = tracer.nextSpan(request);
    if (span == null) {
      return Commit.NONE;
    }
    span.name("commit")
        .tag("audit.namespace", chunk.batch().namespace())
        .tag("audit.batch", chunk.batch().id().toString())
        .tag("audit.lines", chunk.lines().size())
        .tag("audit.chunks", together)
        .start();
    return failure -> end(span, failure);
  }

  private static void end(Span span, @Nullable Throwable failure) {
    if (failure != null) {
      span.error(failure);
    }
    span.end();
  }

  @Override
  public void within(Runnable work) {
    try (MDC.MDCCloseable trace = MDC.putCloseable(TRACE, request.context().traceId());
        MDC.MDCCloseable span = MDC.putCloseable(SPAN, request.context().spanId())) {
      work.run();
    }
  }
}
