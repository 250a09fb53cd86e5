package io.fileaudit.api.batch;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a person should look at although the batch is still open; goes away by itself. */
public enum Flag {
  /** Nothing heard for half the idle limit or longer. */
  SILENT,
  /** Alive, but no manifest has changed for as long as the progress limit says. */
  STALLED,
  /** A limit whose action is {@code flag} is over. */
  OVER_LIMIT,
  /** It takes longer than nineteen of twenty loads of its table did; shown for a single batch. */
  SLOW;

  /** The word in JSON: lower case. */
  @JsonValue
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
