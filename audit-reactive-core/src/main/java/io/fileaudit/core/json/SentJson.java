package io.fileaudit.core.json;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.problem.Shown;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/**
 * Reads JSON that was sent into a record. What does not fit is refused by the name of its field,
 * with what it is and what was expected: words of JSON, never of Java.
 */
public final class SentJson {
  private static final int MAX_SHOWN_CHARACTERS = 80;
  private static final int MAX_REASON_CHARACTERS = 200;

  /** What the parser says of itself rather than of the JSON. */
  private static final Pattern OWN_AFFAIRS =
      Pattern.compile(
          " \\((?:start marker|for \\w+ starting) at \\[.*"
              + "|, from `[^`]*`"
              + "|: enable `[^`]*` to allow"
              + "| \\(not recognized as .*");

  private SentJson() {}

  /**
   * Reads a body.
   *
   * @throws AuditException {@code malformed-json} where it is not one JSON value, {@code
   *     invalid-request} where that does not fit
   */
  public static <T> T read(byte[] json, Class<T> type) {
    checkReadable(json);
    try (JsonParser parser = AuditJson.strict().createParser(json)) {
      if (parser.nextToken() == null) {
        throw malformed("it is empty");
      }
      T value = read(parser, type);
      if (parser.nextToken() != null) {
        throw malformed("something stands behind the first value");
      }
      return value;
    } catch (JacksonException e) {
      throw malformed(reason(e));
    }
  }

  /** What is no JSON is that, whatever else of it does not fit. */
  private static void checkReadable(byte[] json) {
    try (JsonParser parser = AuditJson.strict().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isNumeric()) {
          parser.getNumberValue();
        }
      }
    } catch (JacksonException e) {
      throw malformed(reason(e));
    }
  }

  /**
   * Reads the fields of an object that was parsed before.
   *
   * @throws AuditException {@code invalid-request} where they do not fit
   */
  public static <T> T read(Map<String, Object> fields, Class<T> type) {
    try (JsonParser parser =
        AuditJson.strict().treeAsTokens(AuditJson.strict().valueToTree(fields))) {
      parser.nextToken();
      return read(parser, type);
    }
  }

  private static <T> T read(JsonParser parser, Class<T> type) {
    try {
      T value =
          AuditJson.strict()
              .readerFor(type)
              .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
              .readValue(parser);
      if (value == null) {
        throw invalid("the body is null, expected " + expected(type));
      }
      return value;
    } catch (DatabindException | InputCoercionException e) {
      throw invalid(misfit(e, parser, type));
    }
  }

  /** Why text is no JSON, in one line. */
  public static String reason(JacksonException e) {
    if (e instanceof MismatchedInputException) {
      // Said of text whose tokens can be read; its words are those of Java.
      return "something stands behind the first value";
    }
    String line = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    return cut(OWN_AFFAIRS.matcher(line).replaceAll(""), MAX_REASON_CHARACTERS);
  }

  private static String misfit(JacksonException e, JsonParser parser, Class<?> body) {
    String path = path(e.getPath());
    if (e instanceof UnrecognizedPropertyException unknown) {
      String known =
          unknown.getKnownPropertyIds().stream()
              .map(String::valueOf)
              .sorted()
              .collect(Collectors.joining(", "));
      return "unknown field \"" + cut(path, MAX_SHOWN_CHARACTERS) + "\"; there is " + known;
    }
    if (e.getCause() instanceof IllegalArgumentException cause) {
      String reason = String.valueOf(cause.getMessage()).replace('\n', ' ');
      return (path.isEmpty() ? "" : path + ": ") + cut(reason, MAX_REASON_CHARACTERS);
    }
    Class<?> wanted =
        e instanceof MismatchedInputException mismatch
            ? mismatch.getTargetType()
            : e instanceof InputCoercionException coercion ? coercion.getTargetType() : null;
    return (path.isEmpty() ? "the body" : cut(path, MAX_SHOWN_CHARACTERS))
        + " is "
        + shown(parser)
        + ", expected "
        + expected(wanted == null ? body : wanted);
  }

  private static String path(List<JacksonException.Reference> steps) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : steps) {
      if (step.getPropertyName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
      }
    }
    return path.toString();
  }

  private static String shown(JsonParser parser) {
    JsonToken token = parser.currentToken();
    if (token == null) {
      return "not readable";
    }
    return switch (token) {
      case START_OBJECT, END_OBJECT, PROPERTY_NAME -> "an object";
      case START_ARRAY, END_ARRAY -> "an array";
      case VALUE_STRING -> '"' + cut(parser.getString(), MAX_SHOWN_CHARACTERS) + '"';
      default -> cut(parser.getString(), MAX_SHOWN_CHARACTERS);
    };
  }

  private static String expected(Class<?> type) {
    if (type == String.class) {
      return "a string";
    } else if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    } else if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "an integer from 0 to 2^53−1 in plain digits";
    } else if (type == Duration.class) {
      return "an ISO 8601 duration such as P90D or PT2H";
    } else if (type == UUID.class) {
      return "a UUID";
    } else if (type.isEnum()) {
      return "one of " + words(type.getEnumConstants());
    } else if (Collection.class.isAssignableFrom(type)) {
      return "an array";
    } else {
      return "an object";
    }
  }

  private static String words(@Nullable Object[] constants) {
    return Arrays.stream(constants)
        .map(constant -> AuditJson.strict().convertValue(constant, String.class))
        .collect(Collectors.joining(", "));
  }

  private static String cut(String text, int most) {
    return Shown.cut(text, most);
  }

  private static AuditException malformed(String reason) {
    return new AuditException(ProblemType.MALFORMED_JSON, "not readable as JSON: " + reason);
  }

  private static AuditException invalid(String detail) {
    return new AuditException(ProblemType.INVALID_REQUEST, detail);
  }
}
