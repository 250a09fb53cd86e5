package io.fileaudit.api.problem;

import io.fileaudit.api.batch.Verdict;
import org.jspecify.annotations.Nullable;

/** Says that the batch has ended and takes nothing more, with the decision that ended it. */
public final class BatchEndedException extends AuditException {
  private static final long serialVersionUID = 1L;

  BatchEndedException(String detail, Verdict verdict) {
    super(ProblemType.BATCH_ENDED, detail, verdict, null);
  }

  /** How, when and why the batch ended; null only where this was serialized on the way. */
  @Override
  public @Nullable Verdict verdict() {
    return super.verdict();
  }
}
