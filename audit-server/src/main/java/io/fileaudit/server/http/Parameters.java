package io.fileaudit.server.http;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;

/**
 * The query parameters of a call. An unknown one is refused: a misspelt filter must not pass as no
 * filter.
 */
public final class Parameters {
  private static final int MAX_CHARACTERS = 1024;

  private final MultiValueMap<String, String> given;

  private Parameters(MultiValueMap<String, String> given) {
    this.given = given;
  }

  /**
   * The parameters of a call that knows those names.
   *
   * @throws AuditException {@code bad-request} where there is another one, or one that is too long
   */
  public static Parameters of(Call call, String... known) {
    MultiValueMap<String, String> given = call.request().queryParams();
    Set<String> names = new TreeSet<>(Set.of(known));
    if (AccessFilter.LOOKING.contains(call.request().method())) {
      names.add(AccessFilter.NAMESPACE_PARAMETER);
    }
    given.forEach(
        (name, values) -> {
          if (!names.contains(name)) {
            throw refuse(
                "unknown parameter \""
                    + Call.shortened(name)
                    + "\"; there is "
                    + (names.isEmpty() ? "none" : String.join(", ", names)));
          }
          values.forEach(value -> check(name, value));
        });
    return new Parameters(given);
  }

  /**
   * Refuses every parameter of a call that knows none.
   *
   * @throws AuditException {@code bad-request} where there is one
   */
  public static void none(Call call) {
    of(call);
  }

  private static void check(String name, @Nullable String value) {
    if (value == null) {
      throw refuse(name + " has no value");
    }
    if (value.codePointCount(0, value.length()) > MAX_CHARACTERS * 4) {
      throw refuse(name + " is longer than " + MAX_CHARACTERS * 4 + " characters");
    }
    if (value.indexOf('\0') >= 0) {
      throw refuse(name + " contains U+0000");
    }
  }

  /** The one value of a parameter; null where it is missing or empty. */
  public @Nullable String text(String name) {
    List<String> values = given.get(name);
    if (values == null || values.isEmpty()) {
      return null;
    }
    if (values.size() > 1) {
      throw refuse(name + " is there " + values.size() + " times");
    }
    return values.get(0).isEmpty() ? null : values.get(0);
  }

  /** The values of a parameter that may be repeated, each of them a list with commas. */
  public List<String> list(String name) {
    List<String> all = new ArrayList<>();
    for (String value : given.getOrDefault(name, List.of())) {
      for (String part : value.split(",", -1)) {
        if (!part.isBlank()) {
          all.add(part.strip());
        }
      }
    }
    return all;
  }

  /** The values of a parameter that may be repeated, as they are. */
  public List<String> all(String name) {
    return given.getOrDefault(name, List.of());
  }

  /** An integer within bounds, or what holds where it is missing. */
  public long integer(String name, long least, long most, long otherwise) {
    String text = text(name);
    if (text == null) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, as a number out of bounds is.
    }
    throw refuse(
        name
            + " is \""
            + Call.shortened(text)
            + "\", expected an integer from "
            + least
            + " to "
            + most);
  }

  /** True, false, or null where it is missing. */
  public @Nullable Boolean flag(String name) {
    String text = text(name);
    if (text == null) {
      return null;
    }
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw refuse(name + " is \"" + Call.shortened(text) + "\", expected true or false");
    };
  }

  /**
   * A parameter read by a function that throws {@link IllegalArgumentException}; null where it is
   * missing.
   */
  public <T> @Nullable T read(String name, Function<String, T> reader) {
    String text = text(name);
    return text == null ? null : read(name, text, reader);
  }

  /** A value of a parameter read by a function that throws {@link IllegalArgumentException}. */
  public static <T> T read(String name, String text, Function<String, T> reader) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw refuse(name + ": " + e.getMessage());
    }
  }

  /** Says that a parameter cannot be read. */
  public static AuditException refuse(String detail) {
    return new AuditException(ProblemType.BAD_REQUEST, detail);
  }
}
