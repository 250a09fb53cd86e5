package io.fileaudit.core.file;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.Utf8Output;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The text in which a store keeps a {@link FileAccount}: compact JSON that people can read as well.
 */
public final class FileAccountJson {
  private FileAccountJson() {}

  /** The text of an account. */
  public static String write(FileAccount account) {
    Utf8Output out = new Utf8Output(256);
    out.put('{');
    Expectation expected = account.expected();
    if (expected != null) {
      out.ascii("\"expected\":{\"run\":").number(expected.run());
      figure(out, "rows", expected.rows());
      figure(out, "bytes", expected.bytes());
      if (expected.checksum() != null) {
        out.ascii(",\"checksum\":").string(expected.checksum());
      }
      out.ascii("},");
    }
    if (account.discovered() != null) {
      out.ascii("\"discovered\":\"").time(account.discovered()).ascii("\",");
    }
    out.ascii("\"attempts\":[");
    boolean first = true;
    for (Attempt attempt : account.attempts()) {
      if (!first) {
        out.put(',');
      }
      first = false;
      write(attempt, out);
    }
    return out.ascii("]}").toString();
  }

  private static void write(Attempt attempt, Utf8Output out) {
    out.ascii("{\"run\":").number(attempt.run()).ascii(",\"attempt\":").number(attempt.number());
    if (attempt.started() != null) {
      out.ascii(",\"started\":\"").time(attempt.started()).put('"');
    }
    figure(out, "rows", attempt.rows());
    figure(out, "bytes", attempt.bytes());
    figure(out, "rejected_rows", attempt.rejectedRows());
    Ending ending = attempt.ending();
    if (ending != null) {
      out.ascii(",\"ended\":\"").time(ending.at()).ascii("\",\"ending\":").string(ending.content());
    }
    if (attempt.conflict()) {
      out.ascii(",\"conflict\":true");
    }
    out.put('}');
  }

  private static void figure(Utf8Output out, String name, @Nullable Long value) {
    if (value != null) {
      out.ascii(",\"").ascii(name).ascii("\":").number(value);
    }
  }

  /** The account of a text that {@link #write} made. */
  public static FileAccount read(String text) {
    JsonNode json = AuditJson.lenient().readTree(text);
    JsonNode expected = json.get("expected");
    List<Attempt> attempts = new ArrayList<>();
    for (JsonNode attempt : json.path("attempts")) {
      attempts.add(readAttempt(attempt));
    }
    return new FileAccount(
        expected == null
            ? null
            : new Expectation(
                expected.path("run").asInt(),
                figure(expected, "rows"),
                figure(expected, "bytes"),
                expected.has("checksum") ? expected.path("checksum").asString() : null),
        time(json, "discovered"),
        attempts);
  }

  private static Attempt readAttempt(JsonNode json) {
    Instant ended = time(json, "ended");
    return new Attempt(
        json.path("run").asInt(),
        json.path("attempt").asInt(),
        time(json, "started"),
        figure(json, "rows"),
        figure(json, "bytes"),
        figure(json, "rejected_rows"),
        ended == null ? null : Ending.read(json.path("ending").asString(), ended),
        json.path("conflict").asBoolean(false));
  }

  private static @Nullable Long figure(JsonNode json, String name) {
    JsonNode value = json.get(name);
    return value == null ? null : value.asLong();
  }

  private static @Nullable Instant time(JsonNode json, String name) {
    JsonNode value = json.get(name);
    return value == null ? null : Instant.parse(value.asString());
  }
}
