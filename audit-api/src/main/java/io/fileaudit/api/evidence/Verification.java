package io.fileaudit.api.evidence;

import java.util.ArrayList;
import java.util.List;

/**
 * What verifying evidence came to.
 *
 * @param tampered what does not fit, the first row or entry first; empty where all fits
 * @param missing what is not there that would be needed; empty where nothing is
 */
public record Verification(List<String> tampered, List<String> missing) {
  public Verification {
    tampered = List.copyOf(tampered);
    missing = List.copyOf(missing);
  }

  /** What it comes to. */
  public enum Outcome {
    /** All is there and fits. */
    INTACT,
    /** Something is not what was signed, acknowledged or kept. */
    TAMPERED,
    /** Nothing speaks against it, but something is missing that would show it. */
    INCOMPLETE
  }

  /**
   * What it comes to: that something does not fit counts for more than that something is missing.
   */
  public Outcome outcome() {
    return !tampered.isEmpty()
        ? Outcome.TAMPERED
        : missing.isEmpty() ? Outcome.INTACT : Outcome.INCOMPLETE;
  }

  /** Gathers findings; not thread-safe. */
  static final class Findings {
    /** More of the same tell nothing new. */
    private static final int MOST = 20;

    private final List<String> tampered = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();

    void tampered(String finding) {
      if (tampered.size() < MOST) {
        tampered.add(finding);
      }
    }

    void missing(String finding) {
      if (missing.size() < MOST) {
        missing.add(finding);
      }
    }

    boolean hasTampered() {
      return !tampered.isEmpty();
    }

    Verification verification() {
      return new Verification(tampered, missing);
    }
  }
}
