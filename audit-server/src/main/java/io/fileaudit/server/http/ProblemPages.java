package io.fileaudit.server.http;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Explains each kind of problem at the address that its {@code type} is. Open to everybody. */
public final class ProblemPages {
  private static final Map<ProblemType, String> ADVICE = new EnumMap<>(ProblemType.class);

  static {
    ADVICE.put(
        ProblemType.MALFORMED_JSON,
        "Send UTF-8 JSON: no duplicate keys, no more than 32 levels, one event a line.");
    ADVICE.put(
        ProblemType.BAD_REQUEST,
        "Correct the parameter, header, path or cursor that the detail names.");
    ADVICE.put(
        ProblemType.UNAUTHENTICATED,
        "Send a valid key in the header Authorization: Bearer KEY. `audit key` prints the admin key.");
    ADVICE.put(
        ProblemType.FORBIDDEN,
        "Use a key that has the scope or the namespace that the detail names.");
    ADVICE.put(
        ProblemType.NOT_FOUND,
        "There is nothing of that name in this namespace. Open the batch first, or name another namespace.");
    ADVICE.put(ProblemType.METHOD_NOT_ALLOWED, "Use one of the methods in the header Allow.");
    ADVICE.put(ProblemType.NOT_ACCEPTABLE, "Accept one of the media types that the detail names.");
    ADVICE.put(
        ProblemType.BATCH_ENDED,
        "The batch has ended; the verdict says why. Stop sending, or resume the batch and send with the new run.");
    ADVICE.put(
        ProblemType.BATCH_CONFLICT,
        "A batch of this id was opened with other fields. Send the same fields, or take another id.");
    ADVICE.put(
        ProblemType.STALE_RUN,
        "The batch is in another run than the message names. Somebody resumed it; stop, or go on with the present run.");
    ADVICE.put(ProblemType.INVALID_TRANSITION, "That status cannot follow the present one.");
    ADVICE.put(
        ProblemType.KEY_CONFLICT,
        "The position or id was used for an event of other content. Give each event a key of its own; take a fresh producer name after a restart.");
    ADVICE.put(ProblemType.SUB_BATCHES_OPEN, "End the sub-batches first, then complete the batch.");
    ADVICE.put(ProblemType.PURGED, "The batch was older than what is kept, and is gone.");
    ADVICE.put(
        ProblemType.REQUEST_TIMEOUT,
        "Send the request without long pauses in the middle of its head, of a body or of a line.");
    ADVICE.put(
        ProblemType.TOO_LARGE,
        "Send less: a line has at most 65,536 bytes; the detail names the limit of a body.");
    ADVICE.put(
        ProblemType.UNSUPPORTED_MEDIA_TYPE, "Send one of the media types that the detail names.");
    ADVICE.put(
        ProblemType.INVALID_EVENT,
        "Correct the event as the detail says and send it again; it used up no position.");
    ADVICE.put(ProblemType.INVALID_REQUEST, "Correct the field that the detail names.");
    ADVICE.put(
        ProblemType.TOO_MANY_REQUESTS,
        "Wait for the seconds in the header Retry-After, then go on more slowly.");
    ADVICE.put(
        ProblemType.INTERNAL,
        "The service failed; its log has the cause under the id in the detail.");
    ADVICE.put(
        ProblemType.UNAVAILABLE,
        "Try again after the seconds in the header Retry-After. What was not acknowledged may or may not be stored; sending it again counts nothing twice.");
  }

  private record Page(String type, String title, int status, String advice) {}

  private ProblemPages() {}

  /** The route of the pages. */
  public static List<Route> routes() {
    return List.of(Route.open(HttpMethod.GET, "/problems/{slug}", ProblemPages::page));
  }

  private static Mono<ServerResponse> page(Call call) {
    ProblemType type =
        Problems.bySlug(call.request().pathVariable("slug"))
            .orElseThrow(
                () ->
                    new AuditException(ProblemType.NOT_FOUND, "there is no problem of that name"));
    return Answers.json(
        new Page(type.uri(), type.title(), type.status(), String.valueOf(ADVICE.get(type))));
  }
}
