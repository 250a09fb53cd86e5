package io.fileaudit.api.client;

import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.Utf8Output;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.netty.Connection;
import reactor.netty.NettyOutbound;
import reactor.util.context.Context;
import reactor.util.context.ContextView;
import tools.jackson.databind.JavaType;

/**
 * One request that carries events and is acknowledged while it is being sent. For one subscription.
 */
final class EventSending<T> {
  private static final JavaType ACK = AuditJson.lenient().constructType(Ack.class);

  private final HttpCalls calls;
  private final Flux<? extends T> events;
  private final BiConsumer<T, Utf8Output> writer;
  private final Context context;
  private volatile @Nullable EventBuffers<T> buffers;
  private volatile @Nullable Connection connection;
  private long answeredLines;

  /** A sending of those events, whose source sees that context. */
  EventSending(
      HttpCalls calls,
      Flux<? extends T> events,
      BiConsumer<T, Utf8Output> writer,
      ContextView context) {
    this.writer = writer;
    this.calls = calls;
    this.events = events;
    this.context = Context.of(context);
  }

  Flux<Ack> acks(String path, int run, @Nullable String producer) {
    return calls
        .streaming()
        .headers(
            headers -> {
              headers.set(HttpHeaderNames.ACCEPT, HttpCalls.LINES);
              headers.set(HttpHeaderNames.CONTENT_TYPE, HttpCalls.LINES);
              headers.set("Audit-Run", run);
              if (producer != null) {
                headers.set("Audit-Producer", producer);
              }
            })
        .post()
        .uri(calls.url(path))
        .send((request, outbound) -> body(outbound))
        .response(calls::lines)
        .concatMap(this::ack, 1)
        .concatWith(Flux.defer(this::end))
        .onErrorMap(error -> firstCause(calls.named(error)))
        .doFinally(signal -> close());
  }

  private Publisher<Void> body(NettyOutbound outbound) {
    return outbound.withConnection(made -> connection = made).send(buffers(outbound), all -> true);
  }

  /** Each buffer is flushed: it already holds all that had come. */
  private Flux<ByteBuf> buffers(NettyOutbound outbound) {
    return new Flux<>() {
      @Override
      public void subscribe(CoreSubscriber<? super ByteBuf> target) {
        Connection made = connection;
        if (made == null) {
          Operators.error(target, new IllegalStateException("no connection to send on"));
          return;
        }
        EventLoop loop = made.channel().eventLoop();
        EventBuffers<T> begun = new EventBuffers<>(target, loop, context, writer);
        buffers = begun;
        events.subscribe(begun);
      }
    };
  }

  /** The acknowledgement, and the end of everything where it says that nothing more is taken. */
  private Flux<Ack> ack(byte[] json) {
    Ack ack = calls.read(json, ACK);
    answeredLines = Math.max(answeredLines, ack.lastLine());
    return Flux.just(ack)
        .concatWith(Flux.defer(() -> over(ack).map(Flux::<Ack>error).orElse(Flux.empty())));
  }

  private static Optional<AuditException> over(Ack ack) {
    boolean answersNoLine = ack.accepted() == 0 && ack.duplicates() == 0 && ack.refused() == 0;
    if (answersNoLine && ack.verdict() != null) {
      return Optional.of(
          AuditException.ended(
              "the batch is " + ack.status() + "; nothing more is taken", ack.verdict()));
    }
    for (Refusal refusal : ack.refusals()) {
      if (refusal.type().equals(ProblemType.BATCH_ENDED.slug())) {
        return Optional.of(
            ack.verdict() == null
                ? new AuditException(ProblemType.BATCH_ENDED, refusal.detail())
                : AuditException.ended(refusal.detail(), ack.verdict()));
      }
      if (refusal.type().equals(ProblemType.STALE_RUN.slug())) {
        return Optional.of(new AuditException(ProblemType.STALE_RUN, refusal.detail()));
      }
    }
    return Optional.empty();
  }

  /** An answer that is over while lines are unanswered was cut off, however orderly it looked. */
  private Flux<Ack> end() {
    EventBuffers<T> sent = buffers;
    if (sent == null) {
      return Flux.empty();
    }
    Throwable failure = sent.failure();
    if (failure != null) {
      return Flux.error(failure);
    }
    long lines = sent.lines();
    return answeredLines >= lines
        ? Flux.empty()
        : Flux.error(
            new UnreachableException(
                "the answer ended at line " + answeredLines + " of " + lines + " that were sent",
                null));
  }

  private Throwable firstCause(Throwable error) {
    EventBuffers<T> sent = buffers;
    Throwable failure = sent == null ? null : sent.failure();
    if (failure == null || failure == error) {
      return error;
    }
    failure.addSuppressed(error);
    return failure;
  }

  private void close() {
    EventBuffers<T> begun = buffers;
    if (begun != null) {
      begun.cancel();
    }
    Connection made = connection;
    if (made != null) {
      made.dispose();
    }
  }
}
