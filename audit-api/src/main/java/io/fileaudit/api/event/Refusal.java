package io.fileaudit.api.event;

import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.problem.Shown;

/**
 * One line that was not accepted, and why. Its neighbours are not touched by it.
 *
 * @param line line of the request, from 1
 * @param status the HTTP status that the line alone would have had
 * @param type the problem's type, as in {@code invalid-event}
 * @param detail what was wrong, with the offending and the expected value
 */
public record Refusal(long line, int status, String type, String detail) {
  /** A refusal of that type. */
  public static Refusal of(long line, ProblemType type, String detail) {
    return new Refusal(line, type.status(), type.slug(), Shown.detail(detail));
  }
}
