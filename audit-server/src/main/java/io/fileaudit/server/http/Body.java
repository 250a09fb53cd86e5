package io.fileaudit.server.http;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads bodies: small ones whole and bounded, streams piece by piece. */
public final class Body {
  private static final String NOT_ENCODED = "identity";

  /** How long a body may take that is read as a whole. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final int BUFFERS = 8;

  private Body() {}

  /**
   * The whole body, empty where there is none. Lazy; cancelling stops reading. Errors: {@code
   * too-large}, {@code unsupported-media-type} where it is not plain JSON.
   *
   * @param most how many bytes it may have
   */
  public static Mono<byte[]> json(Call call, int most) {
    return json(call, most, Media.JSON);
  }

  /** The same for a body that may come under other names of JSON. */
  public static Mono<byte[]> json(Call call, int most, MediaType... understood) {
    return whole(call, most, understood);
  }

  /** The whole body of one of those types. */
  public static Mono<byte[]> whole(Call call, int most, MediaType... understood) {
    Media.sent(call, understood);
    String encoding = call.header(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.strip().equalsIgnoreCase(NOT_ENCODED)) {
      throw new AuditException(
          ProblemType.UNSUPPORTED_MEDIA_TYPE,
          "Content-Encoding is \"" + Call.shortened(encoding) + "\", expected none");
    }
    if (call.request().headers().contentLength().orElse(0) > most) {
      throw tooLarge(most);
    }
    return whole(stream(call), most);
  }

  /**
   * A body as a whole that comes within 30 seconds: nobody keeps a connection by the beginning of
   * one. Lazy; cancelling stops reading. Errors: {@code too-large}, {@code request-timeout}.
   *
   * @param most how many bytes it may have
   */
  public static Mono<byte[]> whole(Flux<byte[]> body, int most) {
    // Never all at once: the server would tell whoever asks for that of a lost connection twice.
    return body.limitRate(BUFFERS)
        .collect(ByteArrayOutputStream::new, (whole, more) -> add(whole, more, most))
        .map(ByteArrayOutputStream::toByteArray)
        .timeout(PATIENCE)
        .onErrorMap(TimeoutException.class, error -> tooSlow());
  }

  private static void add(ByteArrayOutputStream whole, byte[] more, int most) {
    if (whole.size() + more.length > most) {
      throw tooLarge(most);
    }
    whole.writeBytes(more);
  }

  private static AuditException tooSlow() {
    return new AuditException(
        ProblemType.REQUEST_TIMEOUT, "the body did not come within " + PATIENCE);
  }

  private static AuditException tooLarge(int most) {
    return new AuditException(ProblemType.TOO_LARGE, "the body is larger than " + most + " bytes");
  }

  /**
   * The body as it comes in, as arrays of its own: no network buffer is held past this. Lazy; keeps
   * demand; cancelling stops reading.
   */
  public static Flux<byte[]> stream(Call call) {
    return call.request().exchange().getRequest().getBody().map(Body::taken);
  }

  private static byte[] taken(DataBuffer buffer) {
    try {
      byte[] bytes = new byte[buffer.readableByteCount()];
      buffer.read(bytes);
      return bytes;
    } finally {
      DataBufferUtils.release(buffer);
    }
  }
}
