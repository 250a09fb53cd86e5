package io.fileaudit.server.ingest;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.server.http.Body;
import io.fileaudit.server.http.Call;
import java.util.Locale;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Flux;

/** Bodies that may come packed. */
final class Unpacking {
  private Unpacking() {}

  /**
   * The body as it comes, unpacked where it is gzip. Lazy; keeps demand; cancelling stops reading.
   * Errors: those of {@link Gunzip#of}.
   *
   * @throws AuditException {@code unsupported-media-type} where it is packed otherwise
   */
  static Flux<byte[]> of(Call call) {
    String encoding = call.header(HttpHeaders.CONTENT_ENCODING);
    String word = encoding == null ? "identity" : encoding.strip().toLowerCase(Locale.ROOT);
    return switch (word) {
      case "identity" -> Body.stream(call);
      case "gzip" -> Gunzip.of(Body.stream(call));
      default ->
          throw new AuditException(
              ProblemType.UNSUPPORTED_MEDIA_TYPE,
              "Content-Encoding is \"" + Call.shortened(word) + "\", expected gzip or none");
    };
  }
}
