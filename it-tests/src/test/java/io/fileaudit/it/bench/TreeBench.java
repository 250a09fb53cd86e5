package io.fileaudit.it.bench;

import io.fileaudit.it.crash.Build;
import io.fileaudit.it.process.AuditHome;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the trees of ledgers cost (ADR 21): the service as it is beside a build of it that hashes no
 * row, keeps no hash with the batch and acknowledges an empty root. Each has a PostgreSQL of its
 * own; both are up all the time, have the same work and take turns, the first of a round by turns
 * as well. Run it by {@code .ci/bench TreeBench}; {@code -Daudit.bench.rounds}, {@code
 * -Daudit.bench.events} and {@code -Daudit.bench.parts} change it.
 */
class TreeBench {
  private static final int EVENTS = Integer.getInteger("audit.bench.events", 400_000);
  private static final int ROUNDS = Integer.getInteger("audit.bench.rounds", 9);
  private static final int WARM_UPS = 3;
  private static final String PARTS = System.getProperty("audit.bench.parts", "ef");
  private static final Path RESULT = Path.of("target", "bench", "tree.json");

  private static final String PLAN =
      "audit-reactive-core/src/main/java/io/fileaudit/core/ledger/CommitPlan.java";
  private static final String RANGE =
      "audit-api/src/main/java/io/fileaudit/api/evidence/CompactRange.java";

  static final List<Build> WITHOUT_TREES =
      List.of(
          new Build(
              PLAN,
              "this(seq, position, id, body, Hash.leaf(body));",
              "this(seq, position, id, body, Hash.EMPTY);"),
          new Build(
              RANGE, "Hash peak = leaf;", "if (true) { size++; return this; } Hash peak = leaf;"),
          new Build(
              RANGE, "size < 0 || bytes.length != Long.bitCount(size) * Hash.BYTES", "false"));

  /** Starts like the other, so that nothing else is different. */
  static final List<Build> WITH_TREES =
      List.of(new Build(RANGE, "Hash peak = leaf;", "Hash peak = leaf;"));

  @TempDir Path folder;

  private final Measured measured = new Measured(RESULT);

  private record Side(String name, AuditHome home, HttpLoads http) {}

  @Test
  void costOfTrees() throws Exception {
    try (AuditHome with = home("with", WITH_TREES);
        AuditHome without = home("without", WITHOUT_TREES)) {
      List<Side> sides = List.of(serve("with", with), serve("without", without));
      byte[] stream = Workload.lines(0, EVENTS);
      for (int i = 0; i < WARM_UPS; i++) {
        for (Side side : sides) {
          oneStream(side, stream);
          if (PARTS.contains("f")) {
            side.http().manyBatches();
          }
        }
      }
      for (int round = 0; round < ROUNDS; round++) {
        System.out.println("round " + (round + 1));
        for (int turn = 0; turn < sides.size(); turn++) {
          Side side = sides.get((round + turn) % sides.size());
          if (PARTS.contains("e")) {
            settle(sides);
            note("e", side, oneStream(side, stream));
          }
          if (PARTS.contains("f")) {
            settle(sides);
            note("f", side, side.http().manyBatches());
          }
        }
      }
      for (String part : List.of("e", "f")) {
        measured.ratio(part + ", with over without", name(part, "with"), name(part, "without"));
      }
      measured.write();
    }
  }

  private AuditHome home(String name, List<Build> builds) throws Exception {
    Path own = Files.createDirectories(folder.resolve(name));
    return AuditHome.asLaunched(own, Build.compile(own.resolve("build"), builds));
  }

  private static Side serve(String name, AuditHome home) throws Exception {
    URI service = URI.create(home.serve().url());
    return new Side(name, home, new HttpLoads(service, home.key(), EVENTS));
  }

  private static long oneStream(Side side, byte[] stream) throws Exception {
    return side.http().oneStream(UUID.randomUUID(), stream);
  }

  private void note(String part, Side side, long nanos) {
    measured.round(name(part, side.name()), EVENTS / (nanos / 1e9), "");
  }

  private static String name(String part, String side) {
    return part + " " + side + " trees, events/s";
  }

  /** What went before must not be written out at the cost of what comes. */
  private static void settle(List<Side> sides) throws Exception {
    for (Side side : sides) {
      try (Connection connection = side.home().cluster().connect("postgres");
          Statement statement = connection.createStatement()) {
        statement.execute("CHECKPOINT");
      }
    }
  }
}
