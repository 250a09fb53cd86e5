package io.fileaudit.it.crash;

import io.fileaudit.it.crash.Account.Look;
import io.fileaudit.it.crash.Violation.Rule;
import io.fileaudit.it.live.CutReader;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Readers of feeds beside a load: one of all verdicts, some of single ledgers, each cut off again
 * and again, and some that never read. Thread-safe.
 */
final class Watchers implements AutoCloseable {
  private static final int LEDGERS = 24;

  private static final int NEVER_READING = 8;
  private static final Duration CATCH_UP = Duration.ofSeconds(60);

  private final Supplier<List<String>> services;
  private final String key;
  private final Duration longest;
  private final int oneOf;
  private final Random random;
  private final CutReader verdicts;
  private final Map<UUID, CutReader> ledgers = new LinkedHashMap<>();
  private final List<Socket> neverReading = new CopyOnWriteArrayList<>();
  private int begun;

  /**
   * Readers that begin at once.
   *
   * @param services where they go, asked anew for each connection
   * @param longest how long a connection may live before it is cut; zero for one that is not cut
   * @param oneOf the ledger of every so manieth batch is followed, of a bounded number in all
   */
  Watchers(Supplier<List<String>> services, String key, long seed, Duration longest, int oneOf) {
    this.oneOf = oneOf;
    this.services = services;
    this.key = key;
    this.longest = longest;
    this.random = new Random(seed);
    this.verdicts = reader("/api/v1/feed", "verdict", "gap");
  }

  private CutReader reader(String path, String... kinds) {
    List<String> kept = List.of(kinds);
    return new CutReader(
        services, key, path, random.nextLong(), longest, event -> kept.contains(event.event()));
  }

  /** A feed begins when it is opened: what is to be seen comes after that. */
  void awaitBegin() {
    Await.until("the feed of all has begun", () -> verdicts.connections() > 0);
  }

  /** Follows the ledger of some of those that begin; to be called before each begins. */
  synchronized void follow(Loader loader) {
    if (begun++ % oneOf == 0 && ledgers.size() < LEDGERS) {
      follow(loader.batch());
    }
  }

  private void follow(UUID batch) {
    ledgers.put(batch, reader("/api/v1/batches/" + batch + "/ledger", "row", "gap"));
  }

  /** Opens feeds that nobody reads, in place of those that were broken meanwhile. */
  void openNeverReading() {
    neverReading.removeIf(Watchers::isBroken);
    while (neverReading.size() < NEVER_READING) {
      List<String> present = services.get();
      URI address = URI.create(present.get(neverReading.size() % present.size()));
      try {
        Socket socket = new Socket(address.getHost(), address.getPort());
        neverReading.add(socket);
        socket
            .getOutputStream()
            .write(
                "GET /api/v1/feed HTTP/1.1\r\nHost: audit\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n\r\n"
                    .formatted(key)
                    .getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        return; // Another time.
      }
    }
  }

  /** Whatever is sent to it shows whether somebody is still there. */
  private static boolean isBroken(Socket socket) {
    try {
      socket.getOutputStream().write('\n');
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** How many ledgers were followed. */
  synchronized int followed() {
    return ledgers.size();
  }

  /** How often readers connected. */
  synchronized long connections() {
    return verdicts.connections()
        + ledgers.values().stream().mapToLong(CutReader::connections).sum();
  }

  /** What readers missed or saw twice, once they have come to the end of what there is. */
  List<Violation> violations(List<Account> accounts, List<String> log) {
    verdicts.leave();
    Await.holdsWithin(CATCH_UP, () -> verdicts.events("verdict").size() >= log.size());
    List<String> told = verdicts.events("verdict").stream().map(Watchers::told).toList();
    List<Violation> violations = new ArrayList<>(Rules.feed(null, told, log));
    violations.addAll(violations(accounts));
    return violations;
  }

  /**
   * What readers of ledgers missed or saw twice, once they have come to the end of what there is.
   */
  synchronized List<Violation> violations(List<Account> accounts) {
    ledgers.values().forEach(CutReader::leave);
    List<Violation> violations = new ArrayList<>();
    long deadline = System.nanoTime() + CATCH_UP.toNanos();
    for (Account account : accounts) {
      CutReader reader = ledgers.get(account.batch());
      Look last = account.last();
      if (reader != null && last != null) {
        List<String> rows = last.ledger().rowsAsRead();
        catchUp(deadline, () -> reader.events("row").size() >= rows.size());
        violations.addAll(
            Rules.feed(
                account.batch(),
                reader.events("row").stream()
                    .map(row -> Objects.requireNonNull(row.id()) + " " + row.data())
                    .toList(),
                rows));
      }
    }
    boolean gap =
        !verdicts.events("gap").isEmpty()
            || ledgers.values().stream().anyMatch(reader -> !reader.events("gap").isEmpty());
    if (gap) {
      violations.add(new Violation(Rule.FEED_TELLS_ALL_ONCE, null, "a reader was told of a gap"));
    }
    return violations;
  }

  /** All of them have that long together. */
  private static void catchUp(long deadline, BooleanSupplier holds) {
    Await.holdsWithin(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())), holds);
  }

  private static String told(CutReader.Event event) {
    return event.data().get("batch").asString()
        + " "
        + event.data().at("/verdict/run").asInt()
        + " "
        + event.data().at("/verdict/status").asString();
  }

  @Override
  public synchronized void close() {
    verdicts.close();
    ledgers.values().forEach(CutReader::close);
    for (Socket socket : neverReading) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is closed already.
      }
    }
  }
}
