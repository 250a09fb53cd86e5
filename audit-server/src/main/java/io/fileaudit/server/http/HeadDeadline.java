package io.fileaudit.server.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/**
 * Closes connections that bring no request: the head of the first has to come soon, the head of the
 * next within the time for which a connection is kept. Without it whoever sends a header every few
 * seconds would hold connections without ever showing a key. One timer for a connection, and none
 * while a request is being answered.
 */
public final class HeadDeadline extends ChannelDuplexHandler {
  private static final String NAME = "audit.headDeadline";
  private static final Duration FIRST = Duration.ofSeconds(10);
  private static final Duration NEXT = Duration.ofSeconds(75);

  private final Duration first;
  private final Duration next;
  private @Nullable Future<?> deadline;
  private int unanswered;
  private boolean answered;

  HeadDeadline(Duration first, Duration next) {
    this.first = first;
    this.next = next;
  }

  /** That server with such deadlines. */
  public static HttpServer of(HttpServer server) {
    return of(server, FIRST, NEXT);
  }

  static HttpServer of(HttpServer server, Duration first, Duration next) {
    return server.doOnChannelInit(
        (observer, channel, remote) ->
            channel
                .pipeline()
                .addAfter(NettyPipeline.HttpCodec, NAME, new HeadDeadline(first, next)));
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    begin(context, first);
    context.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    stop();
    context.fireChannelInactive();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest) {
      unanswered++;
      stop();
    }
    context.fireChannelRead(message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof LastHttpContent && !isInterim(message)) {
      answered = true;
      unanswered = Math.max(0, unanswered - 1);
      if (unanswered == 0) {
        begin(context, next);
      }
    }
    context.write(message, promise);
  }

  /** 100 Continue is no answer yet. */
  private static boolean isInterim(Object message) {
    return message instanceof HttpResponse response
        && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
  }

  private void begin(ChannelHandlerContext context, Duration within) {
    stop();
    deadline =
        context.executor().schedule(() -> close(context), within.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void stop() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  /** A client that has had an answer may just keep its connection, and is not told anything. */
  private void close(ChannelHandlerContext context) {
    deadline = null;
    if (answered) {
      context.close();
      return;
    }
    DefaultFullHttpResponse slow =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.REQUEST_TIMEOUT);
    slow.headers().set(HttpHeaderNames.CONNECTION, "close").set(HttpHeaderNames.CONTENT_LENGTH, 0);
    context.writeAndFlush(slow).addListener(ChannelFutureListener.CLOSE);
  }
}
