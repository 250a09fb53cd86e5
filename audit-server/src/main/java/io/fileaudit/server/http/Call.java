package io.fileaudit.server.http;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.problem.Shown;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.batch.BatchKey;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;

/**
 * A request whose sender is known and may do what it asks.
 *
 * @param request the request
 * @param principal who sent it
 * @param namespace the namespace that it is about
 */
public record Call(ServerRequest request, Principal principal, String namespace) {
  /** The name of the header that names the run. */
  public static final String RUN = "Audit-Run";

  private static final Pattern UUID_FORM =
      Pattern.compile(
          "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");
  private static final int SHOWN = 100;

  /** The path of the request, as it stands in problems. */
  public String path() {
    return request.path();
  }

  /**
   * The batch that the path names.
   *
   * @throws AuditException {@code not-found} where that cannot be the name of a batch
   */
  public BatchKey batch() {
    String id = request.pathVariable("id");
    return batchId()
        .map(uuid -> new BatchKey(namespace, uuid))
        .orElseThrow(() -> new AuditException(ProblemType.NOT_FOUND, "no batch " + shortened(id)));
  }

  /**
   * The batch that the path names, to be opened.
   *
   * @throws AuditException {@code bad-request} where that cannot be the name of a batch
   */
  public BatchKey newBatch() {
    String id = request.pathVariable("id");
    return batchId()
        .map(uuid -> new BatchKey(namespace, uuid))
        .orElseThrow(
            () ->
                new AuditException(
                    ProblemType.BAD_REQUEST, "the id \"" + shortened(id) + "\" is no UUID"));
  }

  private Optional<UUID> batchId() {
    return uuid(request.pathVariable("id"));
  }

  /** That text as an id; empty where it is none. Java's own reader takes shortened ones as well. */
  public static Optional<UUID> uuid(String text) {
    return UUID_FORM.matcher(text).matches()
        ? Optional.of(UUID.fromString(text))
        : Optional.empty();
  }

  /** The token of the session that the request came from; null where it brought a key. */
  public @Nullable String session() {
    return AccessFilter.session(request);
  }

  /** The run that the sender means: the first, where it says nothing. */
  public int run() {
    String text = header(RUN);
    if (text == null) {
      return 1;
    }
    try {
      int run = Integer.parseInt(text.strip());
      if (run >= 1) {
        return run;
      }
    } catch (NumberFormatException e) {
      // Told below, as a run below 1 is.
    }
    throw new AuditException(
        ProblemType.BAD_REQUEST,
        RUN + " is \"" + shortened(text) + "\", expected an integer from 1");
  }

  /**
   * The value of a header; null where it is not there.
   *
   * @throws AuditException {@code bad-request} where it is there twice
   */
  public @Nullable String header(String name) {
    return Headers.one(request.headers().asHttpHeaders(), name);
  }

  /** What was sent, cut to a length that fits into a problem. */
  public static String shortened(String text) {
    return Shown.cut(text, SHOWN);
  }
}
