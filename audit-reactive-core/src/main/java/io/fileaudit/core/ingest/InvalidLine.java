package io.fileaudit.core.ingest;

import io.fileaudit.api.problem.ProblemType;

/**
 * Says what is wrong with a line; carries no stack trace, because bad input is an everyday matter.
 */
final class InvalidLine extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final ProblemType type;

  InvalidLine(ProblemType type, String detail) {
    super(detail, null, false, false);
    this.type = type;
  }

  ProblemType type() {
    return type;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
