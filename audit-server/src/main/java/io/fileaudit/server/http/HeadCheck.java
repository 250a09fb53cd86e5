package io.fileaudit.server.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/**
 * Takes heads that the decoder lets pass and RFC 9112 does not for such as cannot be read: another
 * version than 1.0 and 1.1, which the answer would repeat, and a Host that is missing or there
 * twice, which something in front of the service may have understood otherwise.
 */
@ChannelHandler.Sharable
public final class HeadCheck extends ChannelInboundHandlerAdapter {
  private static final String NAME = "audit.headCheck";

  /** That server with such heads refused. */
  public static HttpServer of(HttpServer server) {
    HeadCheck check = new HeadCheck();
    return server.doOnChannelInit(
        (observer, channel, remote) ->
            channel.pipeline().addAfter(NettyPipeline.HttpCodec, NAME, check));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest request && request.decoderResult().isSuccess()) {
      check(request);
    }
    context.fireChannelRead(message);
  }

  private static void check(HttpRequest request) {
    HttpVersion version = request.protocolVersion();
    int hosts = request.headers().getAll(HttpHeaderNames.HOST).size();
    boolean isOld = version.equals(HttpVersion.HTTP_1_0);
    boolean isGood = version.equals(HttpVersion.HTTP_1_1) ? hosts == 1 : isOld && hosts <= 1;
    if (!isGood) {
      request.setDecoderResult(
          DecoderResult.failure(new IllegalArgumentException("version or Host")));
      request.setProtocolVersion(isOld ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1);
    }
  }
}
