package io.fileaudit.api.hook;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How far a delivery got. */
public enum DeliveryState {
  /** It is tried, or waits to be. */
  WAITING,
  /** The receiver has it. */
  DELIVERED,
  /** It is tried no more. */
  GIVEN_UP;

  /** The word in JSON: lower case. */
  @JsonValue
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
