package io.fileaudit.server;

import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.ProblemType;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What every answer keeps to, whatever was asked. */
final class Promise {
  private static final String PROBLEM = "application/problem+json";
  private static final Set<String> TYPES =
      Arrays.stream(ProblemType.values()).map(ProblemType::uri).collect(Collectors.toSet());

  /** Names of classes, lines of stack traces, folders: what is inside and stays there. */
  private static final Pattern INSIDE =
      Pattern.compile(
          "\\b(?:io\\.fileaudit|javax?|jdk|org\\.springframework|reactor|io\\.netty|tools\\.jackson"
              + "|com\\.fasterxml|com\\.nimbusds|io\\.r2dbc)\\.[a-z0-9_.]*[A-Z]\\w+"
              + "|\\w+(?:Exception|Error)\\b(?:: |$)|\\.java:\\d+|\\bat \\w+\\.\\w+\\.|/(?:home|root|tmp|usr|var)/"
              + "|NullPointer|ClassCast|StackOverflow|OutOfMemory");

  private Promise() {}

  /** How an answer breaks it; null where it does not. */
  static @Nullable String broken(Answer answer) {
    int status = answer.status();
    String form = answer.header("content-type");
    if (status >= 500 && !(status == 503 && !answer.header("retry-after").isEmpty())) {
      return "answered " + status + " " + answer.body();
    }
    boolean isPage =
        form.startsWith("text/html") || form.contains("yaml") || form.contains("script");
    if (!isPage && !form.startsWith("text/css") && INSIDE.matcher(answer.body()).find()) {
      return "shows what is inside: " + answer.body();
    }
    try {
      if (status >= 400) {
        return isPage && status == 401 ? null : problem(status, form, answer.body());
      }
      if (form.startsWith("application/json")) {
        readable(answer.body());
      } else if (form.equals("application/x-ndjson")) {
        answer.body().lines().forEach(Promise::readable);
      }
      return null;
    } catch (JacksonException e) {
      return "is no JSON: " + status + " " + answer.body();
    }
  }

  private static @Nullable String problem(int status, String form, String body) {
    if (!form.equals(PROBLEM)) {
      return "is no problem but " + status + " " + form + " " + body;
    }
    if (body.isEmpty()) {
      return null; // an answer to HEAD
    }
    JsonNode problem = readable(body);
    if (!TYPES.contains(problem.at("/type").asString())
        || problem.at("/status").asInt() != status
        || problem.at("/detail").asString().isBlank()) {
      return "is no problem that is known: " + status + " " + body;
    }
    return problem.at("/detail").asString().length() > 3_000 ? "is too long: " + body : null;
  }

  private static JsonNode readable(String json) {
    return json.isEmpty()
        ? AuditJson.lenient().createObjectNode()
        : AuditJson.lenient().readTree(json);
  }
}
