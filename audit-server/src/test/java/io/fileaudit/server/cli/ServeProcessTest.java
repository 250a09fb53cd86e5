package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** {@code serve} in a process of its own, with an embedded database. */
class ServeProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Pattern SERVING = Pattern.compile("serving on (http://127.0.0.1:[0-9]+)/");

  @TempDir Path directory;

  @Test
  @Timeout(180)
  void everyLineIsJsonWhereThatIsAskedForAndNothingOverridesWhatWasChecked() throws Exception {
    Files.writeString(
        directory.resolve("application.properties"), "spring.webflux.base-path=/elsewhere\n");
    Process process =
        serve(
            Map.of(
                "SPRING_WEBFLUX_BASE_PATH", "/elsewhere",
                "SPRING_APPLICATION_JSON", "{\"server\":{\"port\":1}}",
                "SERVER_PORT", "1",
                "SERVER_ADDRESS", "0.0.0.0",
                "SERVER_NETTY_MAX_INITIAL_LINE_LENGTH", "64B",
                "LOGGING_STRUCTURED_FORMAT_CONSOLE", "gelf"),
            "--log",
            "json");
    List<String> lines = new ArrayList<>();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    try {
      String url = url(output, lines);
      assertThat(status(url + "/problems/not-found?" + "x=1&".repeat(100))).isEqualTo(200);
      process.toHandle().destroy();
      output.lines().forEach(lines::add);
    } finally {
      // The handle leaves the output open; the database that it started ends with it.
      process.toHandle().destroy();
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    assertThat(lines).allSatisfy(ServeProcessTest::isOfTheLog);
    assertThat(lines)
        .extracting(line -> AuditJson.lenient().readTree(line).at("/message").asString())
        .as("from before Spring starts to after it ended")
        .anyMatch(message -> message.startsWith("PostgreSQL listens"))
        .anyMatch(message -> message.startsWith("made the admin key"))
        .anyMatch(message -> message.startsWith("serving on"))
        .anyMatch(message -> message.startsWith("Graceful shutdown complete"));
  }

  private static void isOfTheLog(String line) {
    try {
      JsonNode json = AuditJson.lenient().readTree(line);
      assertThat(json.at("/@timestamp").isString()).as(line).isTrue();
      assertThat(json.at("/log/level").isString()).as(line).isTrue();
      assertThat(json.at("/process/pid").isNumber()).as(line).isTrue();
    } catch (JacksonException e) {
      throw new AssertionError("no JSON: " + line, e);
    }
  }

  /** Both streams are one, as they are where a container runs it. */
  private Process serve(Map<String, String> variables, String... options) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                absolute(System.getProperty("java.class.path")),
                AuditCommand.class.getName(),
                "serve",
                "--data",
                directory.resolve("data").toString())
            .directory(directory.toFile())
            .redirectErrorStream(true);
    builder.command().addAll(List.of(options));
    builder.environment().keySet().removeIf(name -> name.startsWith("AUDIT_"));
    builder.environment().put("AUDIT_PORT", "0");
    builder.environment().put("AUDIT_MANAGEMENT_PORT", "0");
    builder.environment().putAll(variables);
    return builder.start();
  }

  private static String absolute(String classPath) {
    return Stream.of(classPath.split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Reads until it says where it serves. */
  private static String url(BufferedReader output, List<String> lines) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      Matcher serving = SERVING.matcher(line);
      if (serving.find()) {
        return serving.group(1);
      }
    }
    throw new AssertionError("it does not serve: " + lines);
  }

  private static int status(String url) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
  }
}
