package io.fileaudit.api.batch;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What happens when a limit is over. */
public enum LimitAction {
  /** The batch ends TIMED_OUT. */
  END,
  /** The batch is shown with a flag and goes on. */
  FLAG,
  /** The limit does not apply. */
  OFF;

  /** The word in JSON: lower case. */
  @JsonValue
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
