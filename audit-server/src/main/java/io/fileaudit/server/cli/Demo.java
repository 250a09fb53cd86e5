package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BlockingBatch;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.r2dbc.load.LoadTarget;
import io.fileaudit.r2dbc.load.TableName;
import io.fileaudit.r2dbc.load.TargetTable;
import io.fileaudit.server.cli.demo.RegisterMonth;
import io.fileaudit.server.cli.demo.RegisterTable;
import io.fileaudit.server.cli.load.RowFormat;
import io.fileaudit.server.cli.scan.CsvFormat;
import io.fileaudit.server.cli.scan.CsvNames;
import io.fileaudit.server.cli.scan.FileSelection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * Loads three tables of a made-up month of the register at one time, by the code of {@code audit
 * load}: one completes, one has what goes wrong, the loader of one falls silent.
 */
final class Demo {
  private static final RegisterTable COMPLETE = RegisterTable.EMPRESA;
  private static final RegisterTable FAULTY = RegisterTable.SOCIOS;
  private static final RegisterTable SILENT = RegisterTable.ESTABELECIMENTO;

  private static final int WITH_BAD_ROWS = 3;
  private static final int CUT = 6;
  private static final int BEGUN_BEFORE_SILENCE = 3;
  private static final long MAX_BAD_ROWS = 100;

  private final AuditClient client;
  private final LoadTarget target;
  private final Console console;
  private final Path directory;
  private final int scale;
  private final Duration idle;
  private final List<Load> loads = new ArrayList<>();

  /**
   * A demonstration.
   *
   * @param directory where the files are made
   * @param scale how many times smaller than the real ones they are
   * @param idle after what time of silence a batch is ended
   */
  Demo(
      AuditClient client,
      LoadTarget target,
      Console console,
      Path directory,
      int scale,
      Duration idle) {
    this.client = client;
    this.target = target;
    this.console = console;
    this.directory = directory;
    this.scale = scale;
    this.idle = idle;
  }

  /** Makes the files, loads, and returns after the third verdict. */
  void run() throws IOException {
    console.say(
        "making a month of the company register, "
            + RegisterMonth.PERIOD
            + ", at 1/"
            + scale
            + " of its size, in "
            + directory);
    for (RegisterTable table : RegisterTable.values()) {
      RegisterMonth.write(directory.resolve(table.table()), table, scale);
    }
    RegisterMonth.addBadRows(directory.resolve(FAULTY.table()), FAULTY, WITH_BAD_ROWS, scale);
    RegisterMonth.cut(directory.resolve(FAULTY.table()), FAULTY, CUT);
    LoadProgress progress = new LoadProgress(console, System::nanoTime);
    List<CompletableFuture<Void>> all =
        List.of(
            begin(COMPLETE, progress, 2, reporter -> reporter),
            begin(FAULTY, progress, 2, reporter -> reporter),
            begin(
                SILENT,
                progress,
                1,
                reporter -> new SilentReporter(reporter, BEGUN_BEFORE_SILENCE)));
    console.say(
        "loading three tables at one time; the loader of "
            + SILENT.table()
            + " will fall silent, which ends its batch after "
            + idle
            + " ...");
    for (CompletableFuture<Void> load : all) {
      Waiting.on(load.thenApply(over -> Boolean.TRUE));
    }
  }

  /** Stops what is under way, from another thread. */
  void stop() {
    List<Load> under;
    synchronized (this) {
      under = List.copyOf(loads);
    }
    under.forEach(Load::stop);
  }

  private CompletableFuture<Void> begin(
      RegisterTable table, LoadProgress progress, int jobs, UnaryOperator<LoadReporter> reporter) {
    LoadPlan plan =
        new LoadPlan(
            FileSelection.of(directory, List.of(table.table())),
            Set.of(),
            CsvNames.matching(CsvNames.DEFAULT_PATTERNS),
            new RowFormat(';', CsvFormat.RFC_4180, StandardCharsets.ISO_8859_1, ""),
            table.columns(),
            TableName.parse(table.table()),
            true,
            jobs,
            MAX_BAD_ROWS);
    Load load = new Load(client.calls(), target, plan, progress, Duration.ofMinutes(1));
    synchronized (this) {
      loads.add(load);
    }
    CompletableFuture<Void> over = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                run(table, load, reporter);
                over.complete(null);
              } catch (RuntimeException | Error e) {
                over.completeExceptionally(e);
              }
            },
            "audit-demo-" + table.table());
    thread.setDaemon(true);
    thread.start();
    return over;
  }

  private void run(RegisterTable table, Load load, UnaryOperator<LoadReporter> reporter) {
    TargetTable target = load.table();
    BlockingBatch batch =
        client
            .blocking()
            .open(
                BatchSpec.builder()
                    .name("demo: " + table.table())
                    .table(table.table())
                    .period(RegisterMonth.PERIOD)
                    .limit(LimitName.IDLE, Limit.endAfter(idle))
                    .expectedFiles(RegisterTable.FILES)
                    .build());
    try {
      load.run(target, reporter.apply(LoadReporter.of(batch)), List.of());
    } catch (AuditException | CommandException e) {
      console.say(Printable.of(table.table() + ": its loader was told: " + e.getMessage()));
    }
    tell(Waiting.on(client.calls().snapshot(batch.id())));
  }

  private void tell(Snapshot batch) {
    String reason = batch.verdict() == null ? "" : "  " + batch.verdict().reason();
    console.say(
        Printable.of(
            String.format(
                "%-24s %s%s  %s, %s",
                batch.table() + "@" + batch.period(),
                batch.status(),
                reason,
                BatchReport.files(batch.totals().files()),
                Figures.count(batch.totals().rows(), "row", "rows"))));
  }
}
