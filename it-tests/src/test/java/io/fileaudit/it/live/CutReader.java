package io.fileaudit.it.live;

import io.fileaudit.api.json.AuditJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Follows a feed as a browser does, and is cut off again and again, mostly in the middle of what
 * comes. Each time it goes on at some node behind the last event that it has whole.
 */
public final class CutReader implements AutoCloseable {
  /**
   * One event that came whole.
   *
   * @param event its kind
   * @param id from where to resume; null where one cannot
   * @param data what it says
   */
  public record Event(String event, @Nullable Long id, JsonNode data) {}

  /** A node that is away is not asked without a pause. */
  private static final Duration REST = Duration.ofMillis(20);

  private static final Duration LONGEST = Duration.ofMillis(500);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final ScheduledExecutorService cutting = Executors.newScheduledThreadPool(2);
  private final Supplier<List<String>> nodes;
  private final String key;
  private final String path;
  private final Random random;
  private final Duration longest;
  private final Predicate<Event> kept;
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private volatile boolean cuts;
  private volatile boolean over;
  private volatile int connections;
  private @Nullable Long lastId;

  /**
   * A reader that begins at once.
   *
   * @param nodes the addresses of the nodes that there are at the moment
   */
  CutReader(Supplier<List<String>> nodes, String key, String path, long seed) {
    this(nodes, key, path, seed, LONGEST, event -> true);
  }

  /**
   * The same.
   *
   * @param longest how long a connection may live before it is cut; zero for one that is not cut
   * @param kept what is remembered of what comes
   */
  public CutReader(
      Supplier<List<String>> nodes,
      String key,
      String path,
      long seed,
      Duration longest,
      Predicate<Event> kept) {
    this.longest = longest;
    this.kept = kept;
    this.cuts = !longest.isZero();
    this.nodes = nodes;
    this.key = key;
    this.path = path;
    this.random = new Random(seed);
    cutting.execute(this::readAgainAndAgain);
  }

  private void readAgainAndAgain() {
    while (!over) {
      try {
        read();
      } catch (IOException e) {
        // Cut off, or the node is away: it goes on somewhere.
        LockSupport.parkNanos(REST.toNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void read() throws IOException, InterruptedException {
    List<String> present = nodes.get();
    String node = present.get(random.nextInt(present.size()));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(node + path))
            .header("Authorization", "Bearer " + key)
            .header("Accept", "text/event-stream");
    if (lastId != null) {
      request.header("Last-Event-ID", Long.toString(lastId));
    }
    HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
    connections++;
    try (InputStream body = response.body()) {
      if (cuts) {
        cutting.schedule(
            () -> cut(body), random.nextInt((int) longest.toMillis()), TimeUnit.MILLISECONDS);
      }
      if (response.statusCode() == 200) {
        parse(new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8)));
      }
    }
  }

  private static void cut(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      // It was cut off already.
    }
  }

  private void parse(BufferedReader lines) throws IOException {
    String event = null;
    Long id = null;
    String data = null;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("event: ")) {
        event = line.substring("event: ".length());
      } else if (line.startsWith("id: ")) {
        id = Long.valueOf(line.substring("id: ".length()));
      } else if (line.startsWith("data: ")) {
        data = line.substring("data: ".length());
      } else if (line.isEmpty()) {
        if (event != null && data != null) {
          lastId = id == null ? lastId : id;
          Event whole = new Event(event, id, AuditJson.lenient().readTree(data));
          if (kept.test(whole)) {
            events.add(whole);
          }
        }
        event = null;
        id = null;
        data = null;
      }
    }
  }

  /** What came whole, of that kind, in order. */
  public List<Event> events(String kind) {
    return events.stream().filter(one -> one.event().equals(kind)).toList();
  }

  /** How often it connected. */
  public int connections() {
    return connections;
  }

  /** It is cut no more, so that it comes to the end of what there is. */
  public void leave() {
    cuts = false;
  }

  @Override
  public void close() {
    over = true;
    cutting.shutdownNow();
  }
}
