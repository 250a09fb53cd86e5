package io.fileaudit.server.http;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** Reads headers that may be there once only. */
final class Headers {
  private Headers() {}

  /**
   * The value of a header; null where it is not there.
   *
   * @throws AuditException {@code bad-request} where it is there twice: which one is meant nobody
   *     knows
   */
  static @Nullable String one(HttpHeaders headers, String name) {
    List<String> values = headers.get(name);
    if (values == null || values.isEmpty()) {
      return null;
    }
    if (values.size() > 1) {
      throw new AuditException(
          ProblemType.BAD_REQUEST, "the header " + name + " is there " + values.size() + " times");
    }
    return values.get(0);
  }
}
