package io.fileaudit.core.file;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.Utf8Output;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

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
    Expectation expected = null;
    Instant discovered = null;
    List<Attempt> attempts = List.of();
    try (JsonParser json = AuditJson.lenient().createParser(text)) {
      json.nextToken();
      for (String name = json.nextName(); name != null; name = json.nextName()) {
        json.nextToken();
        switch (name) {
          case "expected" -> expected = readExpectation(json);
          case "discovered" -> discovered = time(json);
          case "attempts" -> attempts = readAttempts(json);
          default -> json.skipChildren();
        }
      }
    }
    return new FileAccount(expected, discovered, attempts);
  }

  private static Expectation readExpectation(JsonParser json) {
    int run = 1;
    Long rows = null;
    Long bytes = null;
    String checksum = null;
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      json.nextToken();
      switch (name) {
        case "run" -> run = json.getIntValue();
        case "rows" -> rows = json.getLongValue();
        case "bytes" -> bytes = json.getLongValue();
        case "checksum" -> checksum = json.getString();
        default -> json.skipChildren();
      }
    }
    return new Expectation(run, rows, bytes, checksum);
  }

  private static List<Attempt> readAttempts(JsonParser json) {
    List<Attempt> attempts = new ArrayList<>(1);
    while (json.nextToken() == JsonToken.START_OBJECT) {
      attempts.add(readAttempt(json));
    }
    return attempts;
  }

  private static Attempt readAttempt(JsonParser json) {
    int run = 1;
    int number = 1;
    Instant started = null;
    Long rows = null;
    Long bytes = null;
    Long rejectedRows = null;
    Instant ended = null;
    String ending = null;
    boolean conflict = false;
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      json.nextToken();
      switch (name) {
        case "run" -> run = json.getIntValue();
        case "attempt" -> number = json.getIntValue();
        case "started" -> started = time(json);
        case "rows" -> rows = json.getLongValue();
        case "bytes" -> bytes = json.getLongValue();
        case "rejected_rows" -> rejectedRows = json.getLongValue();
        case "ended" -> ended = time(json);
        case "ending" -> ending = json.getString();
        case "conflict" -> conflict = json.getBooleanValue();
        default -> json.skipChildren();
      }
    }
    return new Attempt(
        run,
        number,
        started,
        rows,
        bytes,
        rejectedRows,
        ended == null || ending == null ? null : Ending.read(ending, ended),
        conflict);
  }

  private static Instant time(JsonParser json) {
    return Instant.parse(json.getString());
  }
}
