package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.server.cli.scan.CsvFormat;
import io.fileaudit.server.cli.scan.CsvNames;
import io.fileaudit.server.cli.scan.FileSelection;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes stock of files without loading them, as a batch: size, SHA-256 and CSV records of each. */
@Command(
    name = "scan",
    description = {
      "Take stock of files without loading them: bytes, SHA-256 and CSV records of each, as a batch.",
      "A file that cannot be read, or that changes meanwhile, makes the batch INCOMPLETE."
    },
    footer = {
      "",
      "Examples:",
      "  audit scan landing/ --table empresa --period 2025-02",
      "  audit scan *.csv --table sales --header --csv '*.csv,*.txt'"
    })
final class ScanCommand implements Callable<Integer> {
  private static final int MOST_NAME = 200;

  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();

  @Parameters(paramLabel = "FILE|DIR", arity = "1..*", description = "what to take stock of")
  private List<String> arguments = List.of();

  @Option(names = "--table", required = true, paramLabel = "T", description = "what is loaded")
  private String table = "";

  @Option(names = "--period", paramLabel = "P", description = "for when, as in 2025-02")
  private @Nullable String period;

  @Option(names = "--name", paramLabel = "N", description = "what people call the batch")
  private @Nullable String name;

  @Option(names = "--header", description = "the first record of a CSV file is not counted")
  private boolean header;

  @Option(
      names = "--csv",
      split = ",",
      paramLabel = "GLOB",
      description = "which files are CSV, by the last part of their names; '' for none")
  private List<String> csv = CsvNames.DEFAULT_PATTERNS;

  @Mixin private final OutputOption output = new OutputOption();

  ScanCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    ScanEvents events =
        new ScanEvents(
            selection(),
            file -> true,
            CsvNames.matching(csv.stream().map(String::strip).filter(g -> !g.isEmpty()).toList()),
            CsvFormat.RFC_4180.withHeader(header),
            new ScanProgress(console, System::nanoTime),
            Clock.systemUTC());
    BatchSpec spec =
        BatchSpec.builder()
            .table(table)
            .period(period)
            .name(name == null ? shortened(String.join(" ", arguments)) : name)
            .build();
    try (AuditCalls client = service.client(environment)) {
      Scan scan = new Scan(client, console);
      try (OnInterrupt hook = OnInterrupt.run(scan::stop)) {
        Snapshot batch = scan.run(spec, events);
        BatchReport.print(console, output.format(), batch);
        return ExitCode.of(batch.status()).code();
      }
    }
  }

  private FileSelection selection() {
    try {
      return FileSelection.of(environment.workingDirectory(), arguments);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static String shortened(String text) {
    return text.codePointCount(0, text.length()) <= MOST_NAME
        ? text
        : text.substring(0, text.offsetByCodePoints(0, MOST_NAME - 1)) + "…";
  }
}
