package io.fileaudit.core.batch;

import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.problem.Shown;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is to be changed of a batch: a merge patch as RFC 7396 has it, of limits and labels.
 */
public final class ChangeReader {
  private static final int MAX_SHOWN_CHARACTERS = 80;

  private ChangeReader() {}

  /**
   * Reads the fields of a request.
   *
   * @throws AuditException {@code invalid-request}, naming what was wrong
   */
  public static BatchChange read(Map<String, Object> fields) {
    Map<LimitName, Optional<Limit>> limits = new HashMap<>();
    Map<String, Optional<String>> labels = new HashMap<>();
    fields.forEach(
        (name, value) -> {
          switch (name) {
            case "limits" -> object(name, value).forEach((key, to) -> limit(limits, key, to));
            case "labels" -> object(name, value).forEach((key, to) -> label(labels, key, to));
            default ->
                throw refuse(
                    "\""
                        + shown(name)
                        + "\" cannot be changed; limits and labels of an open batch can");
          }
        });
    return new BatchChange(limits, labels);
  }

  private static Map<?, ?> object(String name, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw refuse(name + " is " + shown(value) + ", expected an object");
  }

  private static void limit(
      Map<LimitName, Optional<Limit>> limits, Object key, @Nullable Object value) {
    LimitName name =
        Arrays.stream(LimitName.values())
            .filter(one -> one.wireName().equals(key))
            .findFirst()
            .orElseThrow(
                () ->
                    refuse(
                        "unknown limit \""
                            + shown(key)
                            + "\"; one of operation, idle, start, progress"));
    try {
      limits.put(name, value == null ? Optional.empty() : Optional.of(Limit.read(value)));
    } catch (IllegalArgumentException e) {
      throw new AuditException(
          ProblemType.INVALID_REQUEST, "limits." + name.wireName() + ": " + e.getMessage(), e);
    }
  }

  private static void label(
      Map<String, Optional<String>> labels, Object key, @Nullable Object value) {
    if (value != null && !(value instanceof String)) {
      throw refuse(
          "labels."
              + shown(key)
              + " is "
              + shown(value)
              + ", expected a string, or null to remove it");
    }
    labels.put(String.valueOf(key), Optional.ofNullable((String) value));
  }

  private static String shown(@Nullable Object value) {
    return Shown.cut(String.valueOf(value), MAX_SHOWN_CHARACTERS);
  }

  private static AuditException refuse(String detail) {
    return new AuditException(ProblemType.INVALID_REQUEST, detail);
  }
}
