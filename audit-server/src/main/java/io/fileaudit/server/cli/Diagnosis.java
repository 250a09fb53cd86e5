package io.fileaudit.server.cli;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * What one look at the way to the service came to.
 *
 * @param result how it is
 * @param check what was looked at
 * @param said what was found, in words for people
 * @param exitCode what it means for the command; 0 unless it failed
 */
record Diagnosis(Result result, String check, String said, @JsonIgnore ExitCode exitCode) {
  /** How it is. */
  enum Result {
    OK,
    /** Works, and may not be what is meant. */
    WARN,
    /** Does not work. */
    FAIL;

    /** The word that is printed. */
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Diagnosis ok(String check, String said) {
    return new Diagnosis(Result.OK, check, said, ExitCode.COMPLETE);
  }

  static Diagnosis warn(String check, String said) {
    return new Diagnosis(Result.WARN, check, said, ExitCode.COMPLETE);
  }

  static Diagnosis fail(String check, String said, ExitCode exitCode) {
    return new Diagnosis(Result.FAIL, check, said, exitCode);
  }

  /** That error, where something was tried. */
  static Diagnosis fail(String check, RuntimeException error) {
    return fail(check, CommandErrors.message(error), CommandErrors.exitCode(error));
  }
}
