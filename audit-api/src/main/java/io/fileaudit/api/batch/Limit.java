package io.fileaudit.api.batch;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One limit as it is set: how long, and what happens then. In JSON {@code "PT10M"}, {@code "off"},
 * or {@code {"after":"PT3H", "action":"flag"}}.
 *
 * @param after how long; null exactly when {@code action} is {@link LimitAction#OFF}. A given
 *     action without a time inherits the time, which is why null is also allowed with END and FLAG
 *     in a request
 * @param action what happens; null in a request means the inherited action
 */
public record Limit(@Nullable Duration after, @Nullable LimitAction action) {
  /** The longest limit that can be set: ten years. */
  public static final Duration LONGEST = Duration.ofDays(3650);

  /** The shortest limit that can be set. */
  public static final Duration SHORTEST = Duration.ofMillis(10);

  private static final Set<String> FIELDS = Set.of("after", "action");

  public Limit {
    if (after != null && (after.compareTo(SHORTEST) < 0 || after.compareTo(LONGEST) > 0)) {
      throw new IllegalArgumentException(
          "a limit must be between " + SHORTEST + " and " + LONGEST + ", not " + after);
    }
  }

  /** The limit does not apply. */
  public static Limit off() {
    return new Limit(null, LimitAction.OFF);
  }

  /** The batch ends TIMED_OUT after {@code after}. */
  public static Limit endAfter(Duration after) {
    return new Limit(after, LimitAction.END);
  }

  /** The batch is flagged after {@code after}. */
  public static Limit flagAfter(Duration after) {
    return new Limit(after, LimitAction.FLAG);
  }

  /**
   * Reads the JSON forms.
   *
   * @throws IllegalArgumentException naming what was wrong
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Limit read(Object json) {
    if (json instanceof String text) {
      return text.strip().equalsIgnoreCase("off") ? off() : new Limit(duration(text), null);
    }
    if (json instanceof Map<?, ?> fields) {
      for (Object name : fields.keySet()) {
        if (!FIELDS.contains(String.valueOf(name))) {
          throw new IllegalArgumentException(
              "unknown field \"" + name + "\" of a limit; it has after and action");
        }
      }
      LimitAction action = action(fields.get("action"));
      Duration after = fields.get("after") == null ? null : duration(fields.get("after"));
      if (action == null && after == null) {
        throw new IllegalArgumentException("a limit needs after, action, or both");
      }
      return action == LimitAction.OFF ? off() : new Limit(after, action);
    }
    throw new IllegalArgumentException(
        "a limit is an ISO 8601 duration, \"off\" or an object, not " + json);
  }

  /** The JSON form: a plain duration where only that is set, {@code "off"}, else the object. */
  @JsonValue
  Object toJson() {
    if (action == LimitAction.OFF) {
      return "off";
    }
    if (action == null && after != null) {
      return after.toString();
    }
    Map<String, String> object = new LinkedHashMap<>();
    if (after != null) {
      object.put("after", after.toString());
    }
    if (action != null) {
      object.put("action", action.name().toLowerCase(Locale.ROOT));
    }
    return object;
  }

  private static Duration duration(Object json) {
    try {
      return Duration.parse(String.valueOf(json).strip());
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "not an ISO 8601 duration: \"" + json + "\" (PT30M is half an hour)", e);
    }
  }

  private static @Nullable LimitAction action(@Nullable Object json) {
    if (json == null) {
      return null;
    }
    for (LimitAction action : LimitAction.values()) {
      if (action.name().equalsIgnoreCase(String.valueOf(json).strip())) {
        return action;
      }
    }
    throw new IllegalArgumentException(
        "unknown action \"" + json + "\" of a limit; one of end, flag, off");
  }
}
