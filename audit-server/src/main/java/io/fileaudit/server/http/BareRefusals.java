package io.fileaudit.server.http;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.Problem;
import io.fileaudit.api.problem.ProblemType;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/**
 * Puts a problem into refusals that have no body: those of requests that cannot even be read, which
 * no filter gets to see. A refusal that has something to say is left as it is.
 */
@ChannelHandler.Sharable
public final class BareRefusals extends ChannelOutboundHandlerAdapter {
  private static final String NAME = "audit.bareRefusals";

  /** That server with such refusals explained. */
  public static HttpServer explainedBy(HttpServer server) {
    BareRefusals refusals = new BareRefusals();
    return server.doOnChannelInit(
        (observer, channel, remote) ->
            channel.pipeline().addAfter(NettyPipeline.HttpCodec, NAME, refusals));
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    context.write(
        message instanceof FullHttpResponse answer ? explained(answer) : message, promise);
  }

  private static FullHttpResponse explained(FullHttpResponse answer) {
    Problem problem = problem(answer.status().code());
    if (problem == null
        || answer.content().isReadable()
        || answer.headers().contains(HttpHeaderNames.CONTENT_TYPE)) {
      return answer;
    }
    byte[] body = AuditJson.strict().writeValueAsBytes(Problems.json(problem));
    FullHttpResponse explained = answer.replace(Unpooled.wrappedBuffer(body));
    answer.release();
    explained
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE)
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set("X-Content-Type-Options", "nosniff");
    return explained;
  }

  private static @Nullable Problem problem(int status) {
    return switch (status) {
      case 400 ->
          problem(
              ProblemType.BAD_REQUEST,
              status,
              "the request cannot be read; expected an HTTP/1.1 request whose path and query are"
                  + " percent-encoded");
      case 408 ->
          problem(ProblemType.REQUEST_TIMEOUT, status, "the head of the request took too long");
      case 413 -> problem(ProblemType.TOO_LARGE, status, "the request is too large");
      case 414 -> problem(ProblemType.TOO_LARGE, status, "the request line is too long");
      case 431 -> problem(ProblemType.TOO_LARGE, status, "the headers are too large");
      default -> null;
    };
  }

  private static Problem problem(ProblemType type, int status, String detail) {
    return new Problem(type.uri(), type.title(), status, detail, null, null);
  }
}
