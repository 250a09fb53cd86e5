package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.ZeroRows;
import io.fileaudit.api.client.AuditCalls;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Opens a batch and prints its id, for a script to send events to. */
@Command(
    name = "open",
    description = {
      "Open a batch and print its id.",
      "Asked again with the same --id and options, it finds the same batch."
    },
    footer = {
      "",
      "Examples:",
      "  BATCH=$(audit open --table empresa --period 2025-02 --expected-count 10)",
      "  audit open --table sales --limit idle=PT10M --limit operation=PT3H:flag",
      "  ls landing | audit open --table sales --expected-files -"
    })
final class OpenCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final RetryOption retry = new RetryOption();

  @Option(names = "--table", paramLabel = "T", description = "what is loaded")
  private @Nullable String table;

  @Option(names = "--period", paramLabel = "P", description = "for when, as in 2025-02")
  private @Nullable String period;

  @Option(names = "--name", paramLabel = "N", description = "what people call the batch")
  private @Nullable String name;

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "a label, shown and searchable")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--limit",
      paramLabel = "LIMIT=AFTER",
      description = {
        "operation, idle, start or progress, and how long, ISO 8601, or off;",
        ":flag or :end behind it says what happens then"
      })
  private Map<String, String> limits = new LinkedHashMap<>();

  @Option(
      names = "--parent",
      paramLabel = "BATCH",
      description = "the batch that this is a sub-batch of")
  private @Nullable String parent;

  @Option(
      names = "--expected-count",
      paramLabel = "N",
      description = "how many files it should bring")
  private @Nullable Long expectedCount;

  @Option(
      names = "--expected-pattern",
      paramLabel = "GLOB",
      description = "which files count for --expected-count")
  private @Nullable String expectedPattern;

  @Option(
      names = "--expected-files",
      paramLabel = "FILE",
      description = {
        "a list of the files it should bring, - for stdin:",
        "a name a line, or a JSON object with file, rows, bytes, checksum"
      })
  private @Nullable Path expectedFiles;

  @Option(
      names = "--max-rejected-rows",
      paramLabel = "N",
      description = "more rejected rows make it INCOMPLETE")
  private @Nullable Long maxRejectedRows;

  @Option(
      names = "--max-skipped",
      paramLabel = "N",
      description = "more skipped files make it INCOMPLETE")
  private @Nullable Long maxSkipped;

  @Option(
      names = "--zero-rows",
      paramLabel = "JUDGED",
      description = "how a completed file without a row is judged: allowed or incomplete")
  private ZeroRows zeroRows = ZeroRows.ALLOWED;

  @Option(names = "--id", paramLabel = "UUID", description = "its id (else a new one)")
  private @Nullable UUID id;

  @Option(names = "--resume", description = "where the batch of --id has ended, take it up again")
  private boolean resume;

  OpenCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    if (resume && id == null) {
      throw new CommandException(
          ExitCode.USAGE, "--resume needs --id; `audit resume BATCH` takes a batch up by name");
    }
    if (expectedPattern != null && expectedCount == null) {
      throw new CommandException(ExitCode.USAGE, "--expected-pattern needs --expected-count");
    }
    Retrying retrying = retry.retrying(console);
    try (AuditCalls client = service.client(environment)) {
      BatchSpec.Builder spec = spec();
      if (parent != null) {
        String above = parent;
        spec.parent(retrying.of(() -> BatchName.find(client, above)).id());
      }
      // With an id of its own it can be asked for again where no answer came.
      UUID batch = id == null ? UUID.randomUUID() : id;
      Snapshot opened = retrying.of(() -> Waiting.on(client.open(batch, spec.build())));
      console.say(
          opened.status() + (opened.run() == 1 ? "" : ", run " + Figures.count(opened.run())));
      console.data(opened.id().toString());
    }
    return ExitCode.COMPLETE.code();
  }

  private BatchSpec.Builder spec() {
    BatchSpec.Builder spec =
        BatchSpec.builder()
            .table(table)
            .period(period)
            .name(name)
            .maxRejectedRows(maxRejectedRows)
            .maxSkipped(maxSkipped)
            .zeroRows(zeroRows)
            .expected(
                ExpectedList.expected(environment, expectedCount, expectedPattern, expectedFiles))
            .resume(resume);
    labels.forEach(spec::label);
    limits.forEach((limit, value) -> spec.limit(limitName(limit), limit(limit, value)));
    return spec;
  }

  private static LimitName limitName(String word) {
    try {
      return LimitName.valueOf(word.strip().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          ExitCode.USAGE,
          "--limit names \"" + word + "\", expected operation, idle, start or progress");
    }
  }

  private static Limit limit(String name, String value) {
    int colon = value.indexOf(':');
    try {
      return colon < 0
          ? Limit.read(value)
          : Limit.read(
              Map.of("after", value.substring(0, colon), "action", value.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "--limit " + name + ": " + e.getMessage());
    }
  }
}
