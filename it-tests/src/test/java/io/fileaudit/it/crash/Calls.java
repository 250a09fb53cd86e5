package io.fileaudit.it.crash;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.it.crash.Account.Look;
import io.fileaudit.it.crash.Attempt.Outcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The calls of a loader by plain HTTP, each made once, with all that can become of it. Blocks;
 * thread-safe.
 */
final class Calls {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final Duration PAUSE = Duration.ofMillis(60);
  private static final String BATCHES = "/api/v1/batches/";

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();
  private final String key;

  Calls(String key) {
    this.key = key;
  }

  /** Sends lines in one request and says what became of it. */
  Attempt send(String url, Script script, List<Line> lines, boolean again) {
    return send(url, script, lines, BodyPublishers.ofString(body(lines)), again, false);
  }

  /** The same, some bytes at a time. */
  Attempt sendSlowly(String url, Script script, List<Line> lines, boolean again) {
    byte[] body = body(lines).getBytes(StandardCharsets.UTF_8);
    return send(
        url, script, lines, BodyPublishers.ofInputStream(() -> new SlowInput(body)), again, true);
  }

  private Attempt send(
      String url,
      Script script,
      List<Line> lines,
      BodyPublisher body,
      boolean again,
      boolean slow) {
    long begun = System.nanoTime();
    HttpRequest.Builder request = request(url, script.batch() + "/events");
    if (script.producer() != null) {
      request.header("Audit-Producer", script.producer());
    }
    request.header("Content-Type", "application/x-ndjson").POST(body);
    Outcome outcome;
    Ack ack = null;
    String said;
    try {
      HttpResponse<String> answer = answer(request);
      said = answer.statusCode() + " " + answer.body();
      outcome = outcome(answer.statusCode());
      if (outcome == Outcome.ANSWERED) {
        ack = AuditJson.lenient().readValue(answer.body(), Ack.class);
      }
    } catch (ConnectException e) {
      said = "" + e;
      outcome = Outcome.NOT_SENT;
    } catch (IOException e) {
      said = "" + e;
      outcome = Outcome.UNKNOWN;
    }
    return new Attempt(lines, outcome, ack, begun, System.nanoTime(), said, again, slow);
  }

  private static Outcome outcome(int status) {
    if (status == 200) {
      return Outcome.ANSWERED;
    }
    return status < 500 ? Outcome.REFUSED : Outcome.UNKNOWN;
  }

  /** Comes in ten pieces, with a pause before each. */
  private static final class SlowInput extends ByteArrayInputStream {
    private static final int PIECES = 10;
    private final int piece;

    SlowInput(byte[] bytes) {
      super(bytes);
      piece = bytes.length / PIECES + 1;
    }

    @Override
    public int read(byte[] into, int from, int most) {
      LockSupport.parkNanos(PAUSE.toNanos());
      return super.read(into, from, Math.min(most, piece));
    }
  }

  /** Begins to send the lines, goes away in the middle of the last one, and knows nothing. */
  Attempt vanish(String url, Script script, List<Line> lines) {
    long begun = System.nanoTime();
    String body = body(lines);
    String half = body.substring(0, body.length() - 10);
    String head =
        "POST %s%s/events HTTP/1.1\r\nHost: audit\r\nAuthorization: Bearer %s\r\n%sContent-Type: application/x-ndjson\r\nContent-Length: %d\r\n\r\n"
            .formatted(
                BATCHES,
                script.batch(),
                key,
                script.producer() == null ? "" : "Audit-Producer: " + script.producer() + "\r\n",
                body.length());
    URI address = URI.create(url);
    Outcome outcome = Outcome.UNKNOWN;
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write((head + half).getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (ConnectException e) {
      outcome = Outcome.NOT_SENT;
    } catch (IOException e) {
      // The service broke it off before the sender did.
    }
    return new Attempt(lines, outcome, null, begun, System.nanoTime(), "vanished", false, false);
  }

  private static String body(List<Line> lines) {
    return lines.stream().map(Line::text).collect(Collectors.joining("\n", "", "\n"));
  }

  /**
   * Opens the batch of the script; false where that is not known to be done.
   *
   * @throws RuntimeException where the answer is no batch
   */
  boolean open(String url, Script script) {
    String limits = script.abandoned() ? "\"limits\":{\"idle\":\"" + script.idle() + "\"}," : "";
    String spec = "{" + limits + "\"expected\":{\"count\":" + script.files() + "}}";
    HttpRequest.Builder request = request(url, "" + script.batch());
    request.header("Content-Type", "application/json").PUT(BodyPublishers.ofString(spec));
    return read(request).map(Calls::snapshot).isPresent();
  }

  /** Asks for the ending and gives the status that the batch then has; null where not known. */
  @Nullable BatchStatus complete(String url, UUID batch) {
    HttpRequest.Builder request = request(url, batch + "/status");
    request
        .header("Content-Type", "application/json")
        .PUT(BodyPublishers.ofString("{\"status\":\"COMPLETED\"}"));
    return read(request).map(Calls::snapshot).map(Snapshot::status).orElse(null);
  }

  /** The batch and then its ledger; empty where one of the two is not to be had. */
  Optional<Look> look(String url, UUID batch) {
    return snapshot(url, batch)
        .flatMap(
            snapshot ->
                read(request(url, batch + "/ledger"))
                    .map(rows -> Ledger.of(rows.lines().toList()))
                    .map(ledger -> new Look(snapshot.status(), snapshot.totals(), ledger)));
  }

  /** The same, asked until the service knows: empty where the batch is not there. */
  Optional<Look> lookOrGone(String url, UUID batch) {
    AtomicReference<Optional<Look>> look = new AtomicReference<>(Optional.empty());
    Await.until(
        "the service knows of batch " + batch,
        () -> {
          look.set(look(url, batch));
          return look.get().isPresent() || isGone(url, batch);
        });
    return look.get();
  }

  private boolean isGone(String url, UUID batch) {
    try {
      return answer(request(url, "" + batch)).statusCode() == 404;
    } catch (IOException e) {
      return false;
    }
  }

  /** The batch as it is. */
  Optional<Snapshot> snapshot(String url, UUID batch) {
    return read(request(url, "" + batch)).map(Calls::snapshot);
  }

  /** The decisions about a batch. */
  List<Verdict> verdicts(String url, UUID batch) {
    JsonNode page =
        AuditJson.lenient().readTree(read(request(url, batch + "/verdicts")).orElseThrow());
    return StreamSupport.stream(page.get("items").spliterator(), false)
        .map(verdict -> AuditJson.lenient().treeToValue(verdict, Verdict.class))
        .toList();
  }

  /** How the service itself is; empty where it does not say. */
  Optional<JsonNode> health(String url) {
    return read(HttpRequest.newBuilder(URI.create(url + "/api/v1/health"))
            .timeout(LIMIT)
            .header("Authorization", "Bearer " + key))
        .map(AuditJson.lenient()::readTree);
  }

  /** Whether the service can reach its database. */
  boolean answers(String url) {
    return read(request(url, "?page_size=1")).isPresent();
  }

  private static Snapshot snapshot(String json) {
    return AuditJson.lenient().readValue(json, Snapshot.class);
  }

  private HttpRequest.Builder request(String url, String below) {
    URI address = URI.create((url + BATCHES + below).replace("/?", "?"));
    return HttpRequest.newBuilder(address).timeout(LIMIT).header("Authorization", "Bearer " + key);
  }

  private Optional<String> read(HttpRequest.Builder request) {
    try {
      HttpResponse<String> answer = answer(request);
      return answer.statusCode() / 100 == 2 ? Optional.of(answer.body()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private HttpResponse<String> answer(HttpRequest.Builder request) throws IOException {
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
