package io.fileaudit.server.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpObject;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import javax.net.ssl.SSLException;
import reactor.netty.NettyPipeline;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.http.server.HttpServer;

/**
 * Makes a connection that the client resets end like one that it closes, and closes one that brings
 * what cannot be read when its request has been answered: the server would do the same, but log an
 * error with a stack trace, by which any client could fill the log.
 */
@ChannelHandler.Sharable
public final class LostConnections extends ChannelInboundHandlerAdapter {
  private static final String NAME = "audit.lostConnections";

  /** That server with such ends. */
  public static HttpServer of(HttpServer server) {
    LostConnections lost = new LostConnections();
    return server.doOnChannelInit(
        (observer, channel, remote) ->
            channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, NAME, lost));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    boolean isOfNoRequest =
        message instanceof HttpObject part
            && part.decoderResult().isFailure()
            && ChannelOperations.get(context.channel()) == null;
    if (isOfNoRequest) {
      ReferenceCountUtil.release(message);
      context.close();
    } else {
      context.fireChannelRead(message);
    }
  }

  @Override
  @SuppressWarnings("deprecation") // of ChannelHandler, not of inbound ones
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException && !(cause instanceof SSLException)) {
      context.close();
    } else {
      context.fireExceptionCaught(cause);
    }
  }
}
