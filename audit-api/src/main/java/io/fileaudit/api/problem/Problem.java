package io.fileaudit.api.problem;

import io.fileaudit.api.batch.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * An error as it is answered: {@code application/problem+json} of RFC 9457.
 *
 * @param type stable, as in {@code /problems/batch-ended}
 * @param title the same for every occurrence of the type
 * @param status the HTTP status
 * @param detail what was wrong here
 * @param instance the path that was asked
 * @param verdict the ending, where the batch has ended
 */
public record Problem(
    String type,
    String title,
    int status,
    String detail,
    @Nullable String instance,
    @Nullable Verdict verdict) {
  /** The problem of that exception. */
  public static Problem of(AuditException error, @Nullable String instance) {
    ProblemType type = error.type();
    return new Problem(
        type.uri(), type.title(), type.status(), error.detail(), instance, error.verdict());
  }
}
