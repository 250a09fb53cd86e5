package io.fileaudit.api.problem;

import io.fileaudit.api.batch.Verdict;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An error that the service answers by name: its type, a detail that names what was wrong, and the
 * verdict of an ended batch.
 */
public sealed class AuditException extends RuntimeException permits BatchEndedException {
  private static final long serialVersionUID = 1L;
  private final ProblemType type;
  private final transient @Nullable Verdict verdict;
  private @Nullable Duration retryAfter;

  /** An error of that type. */
  public AuditException(ProblemType type, String detail) {
    this(type, detail, null, null);
  }

  /** An error of that type with its cause, which is logged and never answered. */
  public AuditException(ProblemType type, String detail, @Nullable Throwable cause) {
    this(type, detail, null, cause);
  }

  AuditException(
      ProblemType type, String detail, @Nullable Verdict verdict, @Nullable Throwable cause) {
    super(Shown.detail(detail), cause, false, cause != null);
    this.type = type;
    this.verdict = verdict;
  }

  /** Says that the batch has ended, with the verdict. */
  public static AuditException ended(String detail, Verdict verdict) {
    return new BatchEndedException(detail, verdict);
  }

  public ProblemType type() {
    return type;
  }

  /** What was wrong. */
  public String detail() {
    return String.valueOf(getMessage());
  }

  /**
   * How long the service asks to wait before the call is made again, as its header {@code
   * Retry-After} says; null where it says nothing.
   */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** This error, to be tried again after a time. */
  public AuditException after(@Nullable Duration wait) {
    retryAfter = wait;
    return this;
  }

  /** The verdict of the ended batch, where that is the error. */
  public @Nullable Verdict verdict() {
    return verdict;
  }
}
