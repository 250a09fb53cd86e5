package io.fileaudit.server.cli;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Runs small commands against a stand-in for a service and prints nothing. The launcher runs this
 * once for each Java, which keeps the classes that it loads meanwhile; commands start faster from
 * then on.
 */
public final class Rehearsal {
  private static final String BATCH = "00000000-0000-4000-8000-000000000000";

  private static final String SNAPSHOT =
      """
      {"id":"%s","namespace":"default","name":"n","table":"t","period":"p","parent":null,"labels":{"a":"b"},
       "status":"COMPLETED","run":1,"flags":[],"version":3,
       "verdict":{"status":"COMPLETED","requested":"COMPLETED","reason":"REQUESTED","run":1,"seq":2,
         "opened_at":"2026-01-01T00:00:00Z","decided_at":"2026-01-01T00:00:01Z","node":"n","by":"b",
         "findings":{"failed":0}},
       "opened_at":"2026-01-01T00:00:00Z","started_at":"2026-01-01T00:00:00Z","ended_at":"2026-01-01T00:00:01Z",
       "now":"2999-01-01T00:00:00Z","elapsed_seconds":1.0,"idle_seconds":null,
       "limits":{"idle":{"after":"PT30M","action":"end","left_seconds":null}},
       "totals":{"files":{"expected":1,"completed":1},"rows":1,"bytes":1,"events":2,"refused":0},
       "success_rate":1.0,"progress":1.0,
       "usual":{"batches":5,"median_seconds":1.0,"p95_seconds":2.0,"median_rows":1.0},"links":{"self":"/"}}
      """
          .formatted(BATCH)
          .replace("\n", "");

  private static final String FILE =
      "{\"file\":\"f\",\"state\":\"COMPLETED\",\"rows\":1,\"bytes\":1,\"error\":{\"code\":\"c\"}}\n";

  private static final String ROW =
      "{\"event\":{\"file\":\"f\",\"type\":\"COMPLETED\"},\"seq\":0,\"recorded_at\":\"2026-01-01T00:00:00Z\"}\n";

  private static final String FINDING =
      "{\"file\":\"f\",\"findings\":[\"unexpected\"],\"state\":\"EXPECTED\"}\n";

  private static final String ACK =
      "{\"accepted\":1,\"refusals\":[],\"last_line\":1,\"run\":1,\"status\":\"RUNNING\",\"version\":1}\n";

  private static final String HEARTBEAT =
      "{\"run\":1,\"status\":\"RUNNING\",\"flags\":[],\"limits\":{},\"now\":\"2026-01-01T00:00:00Z\"}";

  private static final String IDENTITY =
      "{\"name\":\"n\",\"scopes\":[\"read\"],\"namespaces\":[\"*\"],\"namespace\":\"default\"}";

  private Rehearsal() {}

  /** Runs them all; a command that fails takes nothing from the others. */
  public static void main(String[] arguments) throws IOException {
    CliLogging.quiet(arguments);
    Path event = Files.createTempFile("audit-rehearsal", ".ndjson");
    Files.writeString(event, "{\"type\":\"COMPLETED\",\"file\":\"f\"}\n");
    DisposableServer service = start();
    try (PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      Console console = new Console(nowhere, nowhere, false, false, false);
      Environment environment =
          new Environment(
              Map.of("AUDIT_URL", "http://127.0.0.1:" + service.port(), "AUDIT_KEY", "ak_none"),
              Path.of("/"),
              Path.of("/"),
              null);
      for (String[] command : commands(event)) {
        AuditCommand.run(console, environment, command);
      }
    } finally {
      Files.delete(event);
    }
    System.exit(0);
  }

  /** What small commands there are to rehearse, each of which exits 0. */
  static List<String[]> commands(Path event) {
    return List.of(
        new String[] {"--version"},
        new String[] {"ls", "--help"},
        new String[] {"ls"},
        new String[] {"ls", "-o", "csv"},
        new String[] {"show", BATCH},
        new String[] {"show", "t@p", "-o", "json"},
        new String[] {"files", BATCH},
        new String[] {"reconcile", BATCH, "--finding", "unexpected"},
        new String[] {"tail", BATCH},
        new String[] {"watch", BATCH},
        new String[] {"wait", BATCH},
        new String[] {"open", "--table", "t", "--label", "a=b", "--expected-count", "1"},
        new String[] {"send", BATCH, event.toString()},
        new String[] {"alive", BATCH},
        new String[] {"end", BATCH},
        new String[] {"doctor"});
  }

  /** Starts the stand-in on a free port of this machine. */
  static DisposableServer start() {
    return HttpServer.create().host("127.0.0.1").port(0).handle(Rehearsal::answer).bindNow();
  }

  private static Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
    String path = request.uri().replaceFirst("\\?.*", "");
    String last = path.substring(path.lastIndexOf('/') + 1);
    String body =
        switch (last) {
          case "batches" -> "{\"items\":[" + SNAPSHOT + "],\"next\":null}";
          case "files" -> FILE;
          case "ledger" -> ROW;
          case "reconciliation" -> FINDING;
          case "events" -> ACK;
          case "heartbeat" -> HEARTBEAT;
          case "session" -> IDENTITY;
          case "verdicts" -> "{\"items\":[]}";
          default -> SNAPSHOT;
        };
    return request
        .receive()
        .aggregate()
        .then(
            response
                .header(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .header(HttpHeaderNames.ETAG, "W/\"1\"")
                .sendString(Mono.just(body))
                .then());
  }
}
