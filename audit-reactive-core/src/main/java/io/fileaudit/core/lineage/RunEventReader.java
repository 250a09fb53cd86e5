package io.fileaudit.core.lineage;

import io.fileaudit.api.evidence.Sha256;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.api.json.Utf8Output;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.problem.Shown;
import io.fileaudit.core.json.SentJson;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads reports in the JSON of OpenLineage. Facets are open: what is not about files is passed
 * over. Stateless.
 *
 * @see <a href="https://openlineage.io/spec/2-0-2/OpenLineage.json">OpenLineage 2-0-2</a>
 */
public final class RunEventReader {
  private static final byte[] RUN_ID = "\"runId\"".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_DEPTH = 500;
  private static final int MAX_FILE_CHARACTERS = 1024;
  private static final int KEPT_CHARACTERS = 900;
  private static final int MAX_ERROR_CHARACTERS = 2_000;
  private static final int UUID_CHARACTERS = 36;
  private static final int MAX_DATASETS = 10_000;
  private static final int MAX_SHOWN_CHARACTERS = 80;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private RunEventReader() {}

  /**
   * Reads one report; empty where it is about a dataset or a job and not about a run.
   *
   * @throws AuditException {@code malformed-json}, or {@code invalid-event} naming what is wrong
   */
  public static Optional<RunEvent> read(byte[] json) {
    return event(parse(json));
  }

  /**
   * Reads an array of reports as values, each of which {@link #event} takes.
   *
   * @throws AuditException {@code malformed-json}, or {@code invalid-request} where it is no array
   */
  public static List<?> readAll(byte[] json) {
    if (parse(json) instanceof List<?> all) {
      return all;
    }
    throw new AuditException(
        ProblemType.INVALID_REQUEST, "the body is not an array, expected an array of events");
  }

  /**
   * Reads a report where the text is one; null where it is something else, whatever that is. For
   * where reports come among other things.
   *
   * @throws AuditException {@code invalid-event} naming what is wrong with a report
   */
  public static @Nullable RunEvent readIfRun(byte[] json) {
    if (!mayBeRun(json)) {
      return null;
    }
    Object value;
    try {
      value = parse(json);
    } catch (AuditException e) {
      return null; // whoever reads it otherwise says what is wrong with it
    }
    return value instanceof Map<?, ?> event && event.get("run") != null && event.get("type") == null
        ? event(event).orElse(null)
        : null;
  }

  /** Whether the name of what every report has is there. */
  private static boolean mayBeRun(byte[] json) {
    for (int i = 0; i + RUN_ID.length <= json.length; i++) {
      if (Arrays.equals(json, i, i + RUN_ID.length, RUN_ID, 0, RUN_ID.length)) {
        return true;
      }
    }
    return false;
  }

  private static Object parse(byte[] json) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json));
      Object value = JSON.readValue(json, Object.class);
      if (value == null) {
        throw invalid("the event", null, "an object");
      }
      return value;
    } catch (CharacterCodingException e) {
      throw new AuditException(ProblemType.MALFORMED_JSON, "the body is not valid UTF-8");
    } catch (JacksonException e) {
      throw new AuditException(
          ProblemType.MALFORMED_JSON, "not readable as JSON: " + SentJson.reason(e));
    }
  }

  /**
   * Reads one report of an array.
   *
   * @throws AuditException {@code invalid-event} naming what is wrong
   */
  public static Optional<RunEvent> event(@Nullable Object value) {
    Map<?, ?> event = object("the event", value);
    if (event.get("run") == null && event.get("eventType") == null) {
      if (event.get("dataset") != null || event.get("job") != null) {
        return Optional.empty();
      }
    }
    Map<?, ?> run = object("run", event.get("run"));
    UUID id = uuid("run.runId", run.get("runId"));
    Map<?, ?> facets = facets("run.facets", run.get("facets"));
    return Optional.of(
        new RunEvent(
            id,
            state(event.get("eventType")),
            time("eventTime", event.get("eventTime")),
            job("job", event.get("job")),
            datasets("inputs", event.get("inputs"), "inputFacets", "inputStatistics"),
            datasets("outputs", event.get("outputs"), "outputFacets", "outputStatistics"),
            error(facets.get("errorMessage")),
            period(facets.get("nominalTime")),
            parent(id, facets.get("parent")),
            hash(event)));
  }

  private static RunState state(@Nullable Object word) {
    if (word == null) {
      return RunState.OTHER;
    }
    for (RunState state : RunState.values()) {
      if (word instanceof String text && state.name().equals(text.toUpperCase(Locale.ROOT))) {
        return state;
      }
    }
    throw invalid("eventType", word, "START, RUNNING, COMPLETE, FAIL, ABORT or OTHER");
  }

  private static RunEvent.Job job(String name, @Nullable Object value) {
    Map<?, ?> job = object(name, value);
    return new RunEvent.Job(
        text(name + ".namespace", job.get("namespace")), text(name + ".name", job.get("name")));
  }

  private static List<RunDataset> datasets(
      String name, @Nullable Object value, String facetsName, String facetName) {
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw invalid(name, value, "an array");
    }
    if (list.size() > MAX_DATASETS) {
      throw new AuditException(
          ProblemType.INVALID_EVENT,
          name + " has " + list.size() + " entries, expected at most " + MAX_DATASETS);
    }
    Map<String, RunDataset> byFile = new LinkedHashMap<>();
    for (int i = 0; i < list.size(); i++) {
      String place = name + "[" + i + "]";
      Map<?, ?> dataset = object(place, list.get(i));
      String file =
          file(
              text(place + ".namespace", dataset.get("namespace")),
              text(place + ".name", dataset.get("name")));
      String statistics = place + "." + facetsName + "." + facetName;
      Map<?, ?> facet =
          facets(
              statistics, facets(place + "." + facetsName, dataset.get(facetsName)).get(facetName));
      byFile.merge(
          file,
          new RunDataset(
              file,
              figure(statistics + ".rowCount", facet.get("rowCount")),
              figure(statistics + ".size", facet.get("size"))),
          RunDataset::join);
    }
    return new ArrayList<>(byFile.values());
  }

  /** Namespace and name are a location in two parts; what is too long for a file's name is cut. */
  private static String file(String namespace, String name) {
    String file = name.startsWith("/") ? namespace + name : namespace + "/" + name;
    if (file.codePointCount(0, file.length()) <= MAX_FILE_CHARACTERS) {
      return file;
    }
    return file.substring(0, file.offsetByCodePoints(0, KEPT_CHARACTERS))
        + "…sha256:"
        + Sha256.hex(file.getBytes(StandardCharsets.UTF_8));
  }

  private static @Nullable String error(@Nullable Object facet) {
    if (facet == null) {
      return null;
    }
    Object message = object("run.facets.errorMessage", facet).get("message");
    if (message == null) {
      return null;
    }
    if (!(message instanceof String text)) {
      throw invalid("run.facets.errorMessage.message", message, "a string");
    }
    // A message is for people: what cannot be stored of it is left out rather than refused.
    String whole = text.replace('\0', ' ').strip();
    if (whole.isEmpty()) {
      return null;
    }
    return whole.codePointCount(0, whole.length()) <= MAX_ERROR_CHARACTERS
        ? whole
        : whole.substring(0, whole.offsetByCodePoints(0, MAX_ERROR_CHARACTERS - 1)) + "…";
  }

  private static @Nullable String period(@Nullable Object facet) {
    if (facet == null) {
      return null;
    }
    Map<?, ?> nominal = object("run.facets.nominalTime", facet);
    Instant start =
        time("run.facets.nominalTime.nominalStartTime", nominal.get("nominalStartTime"));
    Object end = nominal.get("nominalEndTime");
    return period(start, end == null ? null : time("run.facets.nominalTime.nominalEndTime", end));
  }

  /** A whole month as {@code 2025-02}, a start at midnight as a day, any other as it is. */
  static String period(Instant start, @Nullable Instant end) {
    OffsetDateTime from = start.atOffset(ZoneOffset.UTC);
    YearMonth month = YearMonth.from(from);
    boolean isMidnight = from.toLocalTime().equals(LocalTime.MIDNIGHT);
    boolean isMonth =
        isMidnight
            && from.getDayOfMonth() == 1
            && month.plusMonths(1).atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC).equals(end);
    if (isMonth) {
      return month.toString();
    }
    return isMidnight ? from.toLocalDate().toString() : start.toString();
  }

  /** Batches have one level of parts, so a run belongs to the outermost run that is named. */
  private static RunEvent.@Nullable Parent parent(UUID run, @Nullable Object facet) {
    if (facet == null) {
      return null;
    }
    String name = "run.facets.parent";
    Map<?, ?> parent = object(name, facet);
    if (parent.get("root") != null) {
      parent = object(name + ".root", parent.get("root"));
      name += ".root";
    }
    UUID id = uuid(name + ".run.runId", object(name + ".run", parent.get("run")).get("runId"));
    return id.equals(run) ? null : new RunEvent.Parent(id, job(name + ".job", parent.get("job")));
  }

  private static Map<?, ?> facets(String name, @Nullable Object value) {
    return value == null ? Map.of() : object(name, value);
  }

  private static Map<?, ?> object(String name, @Nullable Object value) {
    if (value instanceof Map<?, ?> object) {
      return object;
    }
    throw invalid(name, value, "an object");
  }

  private static String text(String name, @Nullable Object value) {
    if (!(value instanceof String text) || text.isEmpty()) {
      throw invalid(name, value, "a string that is not empty");
    }
    if (text.indexOf('\0') >= 0) {
      throw new AuditException(
          ProblemType.INVALID_EVENT, name + " contains U+0000, which cannot be stored");
    }
    return text;
  }

  private static UUID uuid(String name, @Nullable Object value) {
    if (value instanceof String text && text.length() == UUID_CHARACTERS) {
      try {
        return UUID.fromString(text);
      } catch (IllegalArgumentException e) {
        // answered below, with what was expected
      }
    }
    throw invalid(name, value, "a UUID");
  }

  private static @Nullable Long figure(String name, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    boolean isInteger = value instanceof Integer || value instanceof Long;
    long figure = isInteger ? ((Number) value).longValue() : -1;
    if (!isInteger || figure < 0 || figure > CanonicalJson.MAX_INTEGER) {
      throw invalid(name, value, "an integer from 0 to 2^53−1");
    }
    return figure;
  }

  private static Instant time(String name, @Nullable Object value) {
    if (value instanceof String text && text.length() <= 64) {
      try {
        OffsetDateTime time = OffsetDateTime.parse(text.toUpperCase(Locale.ROOT));
        if (time.getYear() >= 1900 && time.getYear() < 9999) {
          return time.toInstant();
        }
      } catch (DateTimeException e) {
        // answered below, with what was expected
      }
    }
    throw invalid(name, value, "an RFC 3339 time as in 2026-11-23T14:00:00.123Z");
  }

  private static AuditException invalid(String name, @Nullable Object value, String expected) {
    return new AuditException(
        ProblemType.INVALID_EVENT,
        value == null
            ? name + " is missing, expected " + expected
            : name + " is " + shown(value) + ", expected " + expected);
  }

  private static String shown(Object value) {
    if (value instanceof Map) {
      return "an object";
    }
    if (value instanceof List) {
      return "an array";
    }
    String text = value instanceof String string ? "\"" + string + "\"" : String.valueOf(value);
    return Shown.cut(text, MAX_SHOWN_CHARACTERS);
  }

  private static String hash(Map<?, ?> event) {
    Utf8Output out = new Utf8Output(1024);
    try {
      CanonicalJson.write(plain(event), out);
    } catch (IllegalArgumentException e) {
      throw new AuditException(ProblemType.INVALID_EVENT, String.valueOf(e.getMessage()));
    }
    return Sha256.hex(out.toBytes());
  }

  /** Figures of facets may be beyond what the canonical form has; they are hashed as texts. */
  private static Object plain(Object value) {
    if (value instanceof Map<?, ?> object) {
      Map<String, Object> members = new TreeMap<>();
      object.forEach(
          (name, member) -> {
            if (member != null) {
              members.put(String.valueOf(name), plain(member));
            }
          });
      return members;
    }
    if (value instanceof List<?> array) {
      List<Object> elements = new ArrayList<>(array.size());
      array.forEach(element -> elements.add(element == null ? "null" : plain(element)));
      return elements;
    }
    if (value instanceof Number number) {
      boolean isPlain = value instanceof Integer || value instanceof Double;
      return isPlain && Double.isFinite(number.doubleValue()) ? value : "number " + number;
    }
    return value;
  }
}
