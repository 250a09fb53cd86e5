package io.fileaudit.it.browser;

import static io.fileaudit.it.browser.Loads.completed;
import static io.fileaudit.it.browser.Loads.failed;
import static io.fileaudit.it.browser.Loads.progress;
import static io.fileaudit.it.browser.Loads.started;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * A month of loads as a service has them after a while: of each status one, and everything a batch
 * can show in one of them.
 */
final class Shop {
  private static final String PERIOD = "2024-05";

  private final Site site;
  private final Loads loads;
  private UUID late = new UUID(0, 0);

  Shop(Site site) {
    this.site = site;
    this.loads = site.loads();
  }

  /** The batch in which there is something of everything. */
  UUID fill() throws Exception {
    site.expect("municipios");
    UUID whole = loads.open(spec("empresa").expectedFiles(10));
    for (int part = 0; part < 10; part++) {
      loads.send(
          whole,
          started("empresa/Empresas" + part),
          completed("empresa/Empresas" + part, 6_128_440));
    }
    loads.status(whole, 1, BatchStatus.COMPLETED);
    UUID lacking = loads.open(spec("socios").expectedFiles(4));
    loads.send(
        lacking,
        completed("socios/Socios0.zip", 2_087_512),
        completed("socios/Socios1.zip", 2_089_006),
        failed("socios/Socios2.zip", "corrupt-archive"));
    loads.status(lacking, 1, BatchStatus.COMPLETED);
    loads.status(loads.open("motivos", PERIOD), 1, BatchStatus.CANCELLED);
    loads.open(spec("naturezas").name("Natures of companies, by hand"));
    fillBadOnes();
    return fillEverything();
  }

  /** The batch that was silent for too long. */
  UUID late() {
    return late;
  }

  private void fillBadOnes() {
    late = loads.open(spec("simples").limit(LimitName.IDLE, Limit.endAfter(Duration.ofSeconds(2))));
    loads.send(late, started("simples/Simples.zip"));
    UUID silent =
        loads.open(spec("paises").limit(LimitName.IDLE, Limit.flagAfter(Duration.ofSeconds(3600))));
    loads.send(silent, started("paises/Paises.zip"));
    UUID stalled =
        loads.open(spec("cnaes").limit(LimitName.PROGRESS, Limit.flagAfter(Duration.ofSeconds(1))));
    loads.send(stalled, started("cnaes/Cnaes.zip"));
    UUID quiet =
        loads.open(
            spec("qualificacoes").limit(LimitName.IDLE, Limit.flagAfter(Duration.ofSeconds(2))));
    loads.send(quiet, started("qualificacoes/Qualificacoes.zip"));
  }

  private UUID fillEverything() {
    List<ExpectedFile> named =
        IntStream.range(0, 10)
            .mapToObj(part -> new ExpectedFile(name(part), 4_753_435L, null, null))
            .toList();
    UUID batch =
        loads.open(
            spec("estabelecimento")
                .name("Establishments of May")
                .label("source", "receita")
                .label("host", "loader-7")
                .maxRejectedRows(100L)
                .expected(new Expected(null, null, named)));
    for (int part = 0; part < 5; part++) {
      loads.send(batch, started(name(part)), progress(name(part), 2_000_000));
      loads.send(batch, completed(name(part), part == 3 ? 4_753_001 : 4_753_435));
    }
    loads.send(
        batch,
        failed(name(5), "corrupt-archive"),
        started(name(6)),
        progress(name(6), 1_250_000),
        started(name(7)),
        progress(name(7), 310_000),
        FileEvent.of(EventType.SKIPPED, "estabelecimento/readme.txt").build(),
        completed("estabelecimento/copy of Estabelecimentos0.zip", 4_753_435));
    UUID part = loads.open(BatchSpec.builder().parent(batch).name("north").expectedFiles(2));
    loads.send(part, completed("north/1.csv", 81_000), started("north/2.csv"));
    UUID other = loads.open(BatchSpec.builder().parent(batch).name("south").expectedFiles(1));
    loads.send(other, failed("south/1.csv", "bad-date"));
    loads.status(other, 1, BatchStatus.FAILED);
    loads.lines(
        batch,
        "{\"type\":\"COMPLETED\",\"file\":\"estabelecimento/late.zip\",\"at\":\"2999-01-01T00:00:00Z\"}",
        "COMPLETED;estabelecimento/Estabelecimentos9.zip;4753435");
    return batch;
  }

  private static BatchSpec.Builder spec(String table) {
    return BatchSpec.builder().table(table).period(PERIOD);
  }

  private static String name(int part) {
    return "estabelecimento/Estabelecimentos" + part + ".zip";
  }
}
