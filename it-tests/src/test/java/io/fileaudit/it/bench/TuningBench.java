package io.fileaudit.it.bench;

import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What settings do to ingest, one of them at a time, all others as they are by default: events a
 * second of one stream, and of 1,000 batches at once. Each round starts a service anew for every
 * setting, warms it with one load, and measures the next; so the settings take turns and what else
 * the machine does falls on all of them. Run it by {@code .ci/bench TuningBench}; {@code
 * -Daudit.bench.rounds}, {@code -Daudit.bench.events} and {@code -Daudit.bench.parts} (c chunk
 * size, w commits at a time, p pool, d database) change it. docs/tuning.md shows a table of it.
 */
class TuningBench {
  private static final int EVENTS = Integer.getInteger("audit.bench.events", 200_000);
  private static final int ROUNDS = Integer.getInteger("audit.bench.rounds", 5);
  private static final String PARTS = System.getProperty("audit.bench.parts", "cwpd");
  private static final Path RESULT = Path.of("target", "bench", "tuning.json");

  @TempDir Path folder;

  /**
   * One setting that differs from the default.
   *
   * @param name as the table shows it
   * @param variables for the service
   * @param database lines for PostgreSQL
   */
  private record Variant(String name, Map<String, String> variables, String database) {
    static Variant of(String variable, Object value) {
      return new Variant(variable + "=" + value, Map.of(variable, value.toString()), "");
    }

    static Variant database(String line) {
      return new Variant(line, Map.of(), line + "\n");
    }
  }

  private static List<Variant> variants() {
    List<Variant> variants = new ArrayList<>(List.of(new Variant("default", Map.of(), "")));
    if (PARTS.contains("c")) {
      for (int size : new int[] {250, 1_000, 2_000, 8_000, 16_000}) {
        variants.add(Variant.of("AUDIT_WRITE_CHUNK_SIZE", size));
      }
    }
    if (PARTS.contains("w")) {
      for (int commits : new int[] {1, 2, 6}) {
        variants.add(Variant.of("AUDIT_WRITE_CONCURRENCY", commits));
      }
    }
    if (PARTS.contains("p")) {
      for (int connections : new int[] {4, 20}) {
        variants.add(Variant.of("AUDIT_DB_POOL", connections));
      }
    }
    if (PARTS.contains("d")) {
      variants.add(Variant.database("shared_buffers = 128MB"));
      variants.add(Variant.database("shared_buffers = 1GB"));
      variants.add(Variant.database("max_wal_size = 512MB"));
      variants.add(Variant.database("wal_compression = off"));
    }
    return variants;
  }

  @Test
  void settings() throws Exception {
    Measured measured = new Measured(RESULT);
    measured.note("events", EVENTS);
    List<Variant> variants = variants();
    for (int round = 1; round <= ROUNDS; round++) {
      for (int i = 0; i < variants.size(); i++) {
        Path place = Files.createDirectories(folder.resolve(round + "-" + i));
        try (AuditHome home = AuditHome.asLaunched(place)) {
          measure(home, variants.get(i), measured);
        }
      }
    }
    for (Variant variant : variants) {
      measured.ratio(
          variant.name() + ", one stream over default", one(variant.name()), one("default"));
      measured.ratio(
          variant.name() + ", 1,000 batches over default", many(variant.name()), many("default"));
    }
    measured.write();
  }

  private static void measure(AuditHome home, Variant variant, Measured measured)
      throws IOException, InterruptedException {
    ServiceProcess service = home.serve(variant.variables());
    if (!variant.database().isEmpty()) {
      service.terminate();
      Files.writeString(
          home.data().resolve("postgresql").resolve("data").resolve("local.conf"),
          variant.database());
      service = home.serve(variant.variables());
    }
    HttpLoads loads = new HttpLoads(URI.create(service.url()), home.key(), EVENTS);
    byte[] stream = loads.stream();
    loads.oneStream(UUID.randomUUID(), stream);
    double seconds = loads.oneStream(UUID.randomUUID(), stream) / 1e9;
    measured.round(one(variant.name()), EVENTS / seconds, "");
    seconds = loads.manyBatches() / 1e9;
    measured.round(many(variant.name()), EVENTS / seconds, "");
    service.terminate();
  }

  private static String one(String variant) {
    return variant + ", one stream, events/s";
  }

  private static String many(String variant) {
    return variant + ", 1,000 batches, events/s";
  }
}
