package io.fileaudit.server.ingest;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.CompressionException;
import io.netty.handler.codec.compression.JdkZlibDecoder;
import io.netty.handler.codec.compression.ZlibWrapper;
import java.io.ByteArrayOutputStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Unpacks a gzip stream (RFC 1952) as it comes, and gives up where it grows beyond all measure. One
 * per request; not thread-safe.
 */
final class Gunzip {
  /** How many times its own size a body may unpack to. */
  static final int MAX_RATIO = 200;

  /**
   * What a body may unpack to whatever its ratio, in bytes: a short one may well be all repetition.
   */
  static final int ALWAYS_ALLOWED = 1024 * 1024;

  private static final int PIECE = 1024;
  private static final int MAX_BUFFER = 4 * 1024 * 1024;

  private final JdkZlibDecoder decoder = new JdkZlibDecoder(ZlibWrapper.GZIP, MAX_BUFFER);
  private final EmbeddedChannel channel = new EmbeddedChannel(decoder);
  private long packed;
  private long unpacked;

  private Gunzip() {}

  /**
   * The unpacked stream. Lazy; keeps demand. Errors: {@code malformed-json} where it is no gzip or
   * cut off, {@code too-large}.
   */
  static Flux<byte[]> of(Flux<byte[]> body) {
    return Flux.defer(
        () -> {
          Gunzip gunzip = new Gunzip();
          return body.map(gunzip::feed)
              .concatWith(Mono.defer(gunzip::end))
              .doFinally(signal -> gunzip.channel.finishAndReleaseAll());
        });
  }

  private byte[] feed(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length * 4);
    for (int from = 0; from < bytes.length; from += PIECE) {
      int length = Math.min(PIECE, bytes.length - from);
      packed += length;
      write(Unpooled.wrappedBuffer(bytes, from, length));
      drainTo(out);
    }
    return out.toByteArray();
  }

  private void write(ByteBuf piece) {
    try {
      channel.writeInbound(piece);
    } catch (CompressionException e) {
      throw new AuditException(
          ProblemType.MALFORMED_JSON, "the body is not gzip: " + e.getMessage(), e);
    }
  }

  private void drainTo(ByteArrayOutputStream out) {
    for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
      try {
        unpacked += part.readableBytes();
        if (unpacked > ALWAYS_ALLOWED && unpacked > packed * MAX_RATIO) {
          throw new AuditException(
              ProblemType.TOO_LARGE,
              "the body unpacks to more than " + MAX_RATIO + " times its size");
        }
        byte[] bytes = new byte[part.readableBytes()];
        part.readBytes(bytes);
        out.writeBytes(bytes);
      } finally {
        part.release();
      }
    }
  }

  private Mono<byte[]> end() {
    return packed > 0 && !decoder.isClosed()
        ? Mono.error(new AuditException(ProblemType.MALFORMED_JSON, "the gzip body is cut off"))
        : Mono.empty();
  }
}
