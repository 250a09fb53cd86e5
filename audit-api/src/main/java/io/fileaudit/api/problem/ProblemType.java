package io.fileaudit.api.problem;

import java.util.Locale;

/**
 * The kinds of errors that the service answers, each with its HTTP status. The words are stable.
 */
public enum ProblemType {
  /** Not JSON, cut off, duplicate keys, too deep, or not UTF-8. */
  MALFORMED_JSON(400, "Not readable as JSON"),
  /** A parameter, header or cursor that cannot be read. */
  BAD_REQUEST(400, "Request not understood"),
  UNAUTHENTICATED(401, "No valid key"),
  FORBIDDEN(403, "Not allowed with this key"),
  NOT_FOUND(404, "Not found"),
  METHOD_NOT_ALLOWED(405, "Method not allowed"),
  NOT_ACCEPTABLE(406, "No such representation"),
  REQUEST_TIMEOUT(408, "Sent too slowly"),
  BATCH_ENDED(409, "The batch has ended"),
  BATCH_CONFLICT(409, "The batch was opened differently"),
  STALE_RUN(409, "Another run is present"),
  INVALID_TRANSITION(409, "That status cannot follow"),
  KEY_CONFLICT(409, "The key was used for another event"),
  SUB_BATCHES_OPEN(409, "Sub-batches are still open"),
  PURGED(410, "The batch was purged"),
  TOO_LARGE(413, "Too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "Media type not supported"),
  INVALID_EVENT(422, "Invalid event"),
  INVALID_REQUEST(422, "Invalid request"),
  TOO_MANY_REQUESTS(429, "Too many requests"),
  INTERNAL(500, "Internal error"),
  UNAVAILABLE(503, "Not available now");

  private final int status;
  private final String title;
  private final String slug;

  ProblemType(int status, String title) {
    this.status = status;
    this.title = title;
    this.slug = name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** A short title, the same for every occurrence. */
  public String title() {
    return title;
  }

  /** The stable word, as in {@code batch-ended}. */
  public String slug() {
    return slug;
  }

  /** The problem's {@code type} in RFC 9457. */
  public String uri() {
    return "/problems/" + slug;
  }

  /**
   * Whether a line refused so was unreadable or invalid in itself, whatever the state of the batch.
   */
  public boolean isInvalidInput() {
    return status == 400 || status == 413 || status == 422;
  }
}
