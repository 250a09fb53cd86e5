package io.fileaudit.server.http;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** Finds out in which form a body came and in which form the answer is wanted. */
public final class Media {
  public static final MediaType JSON = MediaType.APPLICATION_JSON;
  public static final MediaType NDJSON = MediaType.APPLICATION_NDJSON;
  public static final MediaType CLOUD_EVENT = new MediaType("application", "cloudevents+json");
  public static final MediaType CLOUD_EVENTS =
      new MediaType("application", "cloudevents-batch+json");
  public static final MediaType MERGE_PATCH = new MediaType("application", "merge-patch+json");
  public static final MediaType CSV = new MediaType("text", "csv", StandardCharsets.UTF_8);

  private Media() {}

  /**
   * The form that the client likes best of those there are; the first where it says nothing.
   *
   * @throws AuditException {@code not-acceptable} where it wants none of them
   */
  public static MediaType wanted(Call call, MediaType... offered) {
    List<MediaType> accepted = accept(call.request().headers().asHttpHeaders());
    if (accepted.isEmpty()) {
      return offered[0];
    }
    MediaType best = null;
    double bestQuality = 0;
    for (MediaType offer : offered) {
      double quality = quality(accepted, offer);
      if (quality > bestQuality) {
        best = offer;
        bestQuality = quality;
      }
    }
    if (best == null) {
      throw new AuditException(
          ProblemType.NOT_ACCEPTABLE,
          "Accept is \""
              + Call.shortened(MediaType.toString(accepted))
              + "\", there is "
              + MediaType.toString(List.of(offered)));
    }
    return best;
  }

  /** What the most specific of the ranges that fit says. */
  private static double quality(List<MediaType> accepted, MediaType offer) {
    return accepted.stream()
        .filter(range -> range.includes(offer))
        .min(
            Comparator.comparingInt(
                range -> range.isWildcardType() ? 2 : range.isWildcardSubtype() ? 1 : 0))
        .map(MediaType::getQualityValue)
        .orElse(0.0);
  }

  private static List<MediaType> accept(HttpHeaders headers) {
    try {
      return headers.getAccept();
    } catch (InvalidMediaTypeException e) {
      throw new AuditException(ProblemType.BAD_REQUEST, "Accept cannot be read", e);
    }
  }

  /**
   * The form in which the body came; the first where the client does not say.
   *
   * @throws AuditException {@code unsupported-media-type} where it is none of those understood
   */
  public static MediaType sent(Call call, MediaType... understood) {
    MediaType type;
    try {
      type = call.request().headers().asHttpHeaders().getContentType();
    } catch (InvalidMediaTypeException e) {
      throw unsupported("Content-Type cannot be read", understood);
    }
    if (type == null) {
      return understood[0];
    }
    Charset charset = type.getCharset();
    if (charset != null && !charset.equals(StandardCharsets.UTF_8)) {
      throw unsupported("the charset is " + charset + ", expected UTF-8", understood);
    }
    for (MediaType candidate : understood) {
      if (candidate.equalsTypeAndSubtype(type)) {
        return candidate;
      }
    }
    throw unsupported("Content-Type is \"" + Call.shortened(type.toString()) + "\"", understood);
  }

  private static AuditException unsupported(String what, MediaType... understood) {
    return new AuditException(
        ProblemType.UNSUPPORTED_MEDIA_TYPE,
        what + "; understood is " + MediaType.toString(List.of(understood)));
  }
}
