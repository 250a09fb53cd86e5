package io.fileaudit.api.batch;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a file that was completed with no row at all is judged. */
public enum ZeroRows {
  /** It is a file like any other. */
  ALLOWED,
  /** It makes the batch INCOMPLETE. */
  INCOMPLETE;

  /** The word in JSON: lower case. */
  @JsonValue
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
