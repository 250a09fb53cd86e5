package io.fileaudit.it.crash;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What one loader is going to do to one batch, drawn by lot: files that start, go on and end, their
 * events out of order, some of them sent twice, lines that are to be refused, requests that are
 * broken off.
 *
 * @param batch the batch, by an id of the loader's own
 * @param abandoned whether the loader stops in the middle and leaves the batch to its limit
 * @param byKafka whether its events go by way of Kafka
 * @param producer who numbers the events; null where they have ids
 * @param files how many files are begun where nothing is abandoned
 * @param idle how it is limited where it is abandoned
 * @param requests what is sent, in order
 */
record Script(
    UUID batch,
    boolean abandoned,
    boolean byKafka,
    @Nullable String producer,
    int files,
    String idle,
    List<Request> requests) {

  /**
   * One request.
   *
   * @param vanishes whether its sender goes away in its middle the first time
   * @param twice whether it is sent again though it was answered
   * @param slow whether its sender takes its time
   */
  record Request(List<Line> lines, boolean vanishes, boolean twice, boolean slow) {}

  /**
   * How much is in one.
   *
   * @param leastFiles the least files of a batch
   * @param moreFiles less than so many more
   * @param slow one request in so many is slow; 0 for none
   * @param idle how an abandoned batch is limited: longer than its loader pauses
   */
  record Size(int leastFiles, int moreFiles, int slow, String idle) {
    static final Size SHORT = new Size(40, 40, 0, "PT3S");
    static final Size LONG = new Size(40, 80, 25, "PT8S");
  }

  private static final int EVENTS_OUT_OF_ORDER = 9;
  private static final int LEAST_EVENTS = 10;
  private static final int MORE_EVENTS = 16;

  /** What no service may accept. */
  private static final List<String> BAD =
      List.of(
          "{\"type\":\"COMPLETED\",\"file\":\"half",
          "{\"type\":\"COMPLETED\",\"file\":\"f\",\"rows\":-1}",
          "{\"type\":\"COMPLETED\",\"file\":\"f\",\"chekcsum\":\"x\"}",
          "{\"type\":\"STARTED\",\"file\":\"nul\\u0000\"}",
          "{\"type\":\"STARTED\",\"file\":\"" + "x".repeat(70_000) + "\"}");

  /** Draws one; whoever draws with the same seed gets the same. */
  static Script draw(Random random) {
    return draw(random, Size.SHORT, false);
  }

  /** The same of that size; where it goes by Kafka its events have ids, for Kafka numbers them. */
  static Script draw(Random random, Size size, boolean byKafka) {
    UUID batch = batch(random);
    boolean abandoned = random.nextInt(3) == 0;
    boolean numbered = random.nextBoolean() && !byKafka;
    String producer = numbered ? "loader-of-" + batch : null;
    int files = size.leastFiles() + random.nextInt(size.moreFiles());
    List<Line> lines = lines(batch, producer, files, random);
    boolean flawed = random.nextInt(3) == 0;
    List<Request> requests = requests(lines, flawed, size.slow(), random);
    int done = abandoned ? 1 + random.nextInt(requests.size() - 1) : requests.size();
    return new Script(
        batch,
        abandoned,
        byKafka,
        producer,
        files,
        size.idle(),
        List.copyOf(requests.subList(0, done)));
  }

  /** Draws one that is abandoned after its first event. */
  static Script abandonedAtOnce(Random random) {
    UUID batch = batch(random);
    Line line =
        new Line(batch + "-1", "{\"type\":\"STARTED\",\"file\":\"f\",\"id\":\"" + batch + "-1\"}");
    Request request = new Request(List.of(line), false, false, false);
    return new Script(batch, true, false, null, 1, Size.SHORT.idle(), List.of(request));
  }

  private static UUID batch(Random random) {
    return new UUID(random.nextLong() & ~0xf000L | 0x4000L, random.nextLong() >>> 2 | 1L << 63);
  }

  private static List<Line> lines(UUID batch, @Nullable String producer, int files, Random random) {
    List<String> events = new ArrayList<>();
    boolean fails = random.nextBoolean(); // Else none of its files does, and it may complete.
    for (int file = 0; file < files; file++) {
      String name = "\"file\":\"landing/" + file + ".csv\"";
      long rows = random.nextInt(1_000_000);
      events.add("\"type\":\"STARTED\"," + name);
      events.add("\"type\":\"PROGRESS\"," + name + ",\"rows\":" + rows / 2);
      events.add(
          fails && random.nextInt(12) == 0
              ? "\"type\":\"FAILED\","
                  + name
                  + ",\"error\":{\"code\":\"bad-date\",\"message\":\"x\"}"
              : "\"type\":\"COMPLETED\"," + name + ",\"rows\":" + rows + ",\"bytes\":" + 7 * rows);
    }
    List<Line> lines = new ArrayList<>();
    for (int n = 1; n <= events.size(); n++) {
      String id = batch + "-" + n;
      String key = producer == null ? id : Line.numbered(producer, n);
      String named = producer == null ? "\"id\":\"" + id + "\"" : "\"position\":" + n;
      lines.add(new Line(key, "{" + events.get(n - 1) + "," + named + "}"));
    }
    for (int from = 0; from < lines.size(); from += EVENTS_OUT_OF_ORDER) {
      Collections.shuffle(
          lines.subList(from, Math.min(from + EVENTS_OUT_OF_ORDER, lines.size())), random);
    }
    return lines;
  }

  private static List<Request> requests(List<Line> lines, boolean flawed, int slow, Random random) {
    List<Request> requests = new ArrayList<>();
    int from = 0;
    while (from < lines.size()) {
      int end = Math.min(from + LEAST_EVENTS + random.nextInt(MORE_EVENTS), lines.size());
      List<Line> sent = new ArrayList<>(lines.subList(from, end));
      int past = from;
      IntStream.range(0, past == 0 ? 0 : random.nextInt(3))
          .forEach(again -> insert(lines.get(random.nextInt(past)), sent, random));
      if (flawed && random.nextInt(4) == 0) {
        insert(new Line(null, BAD.get(random.nextInt(BAD.size()))), sent, random);
      }
      requests.add(
          new Request(
              List.copyOf(sent),
              random.nextInt(25) == 0,
              random.nextInt(12) == 0,
              slow > 0 && random.nextInt(slow) == 0));
      from = end;
    }
    return requests;
  }

  private static void insert(Line line, List<Line> lines, Random random) {
    lines.add(random.nextInt(lines.size() + 1), line);
  }
}
