package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.BlockingBatch;
import io.fileaudit.api.client.DeliveryReport;
import io.fileaudit.api.client.RefusedEvent;
import io.fileaudit.r2dbc.load.LoadTarget;
import io.fileaudit.r2dbc.load.PostgresLoadTarget;
import io.fileaudit.r2dbc.load.TableName;
import io.fileaudit.r2dbc.load.TargetTable;
import io.fileaudit.server.cli.load.Globs;
import io.fileaudit.server.cli.load.RowFormat;
import io.fileaudit.server.cli.scan.CsvFormat;
import io.fileaudit.server.cli.scan.CsvNames;
import io.fileaudit.server.cli.scan.FileProblem;
import io.fileaudit.server.cli.scan.FileSelection;
import io.fileaudit.server.cli.scan.SelectedFile;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Loads CSV files into PostgreSQL, as a batch. */
@Command(
    name = "load",
    description = {
      "Load CSV files (plain, gzip, zip) into a table of PostgreSQL by COPY, as a batch.",
      "Each file is loaded whole or not at all, and once: the same command again goes on where an",
      "interrupted one stopped."
    },
    footer = {
      "",
      "Examples:",
      "  audit load landing/ --to postgresql://etl@db/rfb --table empresa --period 2025-02 \\",
      "    --encoding latin1 --delimiter ';'",
      "  audit load 'in/*.csv.gz' --table sales --header --max-bad-rows 100 --jobs 4",
      "  audit load landing/ --table empresa --period 2025-02 --expected-files list.txt"
    })
final class LoadCommand implements Callable<Integer> {
  private static final int MOST_NAME = 200;
  private static final int MOST_JOBS = 64;

  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();

  @Option(
      names = "--to",
      paramLabel = "URL",
      description =
          "the database, as in postgresql://user@host:5432/database (AUDIT_LOAD_URL). The password"
              + " may also be in PGPASSWORD or ~/.pgpass, where nobody sees it")
  private @Nullable String to;

  @Parameters(
      paramLabel = "FILE|DIR|GLOB",
      arity = "1..*",
      description = "what to load; a member of a zip is named archive.zip!/member")
  private List<String> arguments = List.of();

  @Option(
      names = "--table",
      required = true,
      paramLabel = "T",
      description = "the table, or schema.table; also the table of the batch")
  private String table = "";

  @Option(
      names = "--period",
      paramLabel = "P",
      description = "for when, as in 2025-02; the same table and period go on in the same batch")
  private @Nullable String period;

  @Option(
      names = "--resume",
      paramLabel = "BATCH",
      description =
          "go on with this batch, also where it is still open because its loader was killed")
  private @Nullable String resume;

  @Option(
      names = "--again",
      description = "load everything once more, as a new batch, whatever was loaded before")
  private boolean again;

  @Option(names = "--name", paramLabel = "N", description = "what people call the batch")
  private @Nullable String name;

  @Option(
      names = "--delimiter",
      paramLabel = "C",
      description = "what stands between fields; \\t is a tab (default: ${DEFAULT-VALUE})")
  private String delimiter = ",";

  @Option(
      names = "--quote",
      paramLabel = "C",
      description = "the quoting character; '' for none (default: ${DEFAULT-VALUE})")
  private String quote = "\"";

  @Option(
      names = "--encoding",
      paramLabel = "E",
      description = "of the files, as in latin1 or windows-1252 (default: ${DEFAULT-VALUE})")
  private String encoding = "UTF-8";

  @Option(
      names = "--null",
      paramLabel = "TEXT",
      description = "the unquoted field that means NULL (default: an empty one)")
  private String nullText = "";

  @Option(names = "--header", description = "the first record names the columns, in any order")
  private boolean header;

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "C",
      description =
          "the columns that the files hold, in their order, instead of all or the header's")
  private List<String> columns = List.of();

  @Option(
      names = "--csv",
      split = ",",
      paramLabel = "GLOB",
      description =
          "which files in directories and zips are loaded, by the last part of their names")
  private List<String> csv = CsvNames.DEFAULT_PATTERNS;

  @Option(names = "--create", description = "make the table, of texts, where it is missing")
  private boolean create;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "how many files at once (default: ${DEFAULT-VALUE})")
  private int jobs = 2;

  @Option(
      names = "--max-bad-rows",
      paramLabel = "N",
      description =
          "bad rows of one file that are left out and named; with more it fails (default:"
              + " ${DEFAULT-VALUE})")
  private long maxBadRows;

  @Option(
      names = "--expected-files",
      paramLabel = "FILE",
      description = {
        "a list of the files that must come, - for stdin:",
        "a name a line, or a JSON object with file, rows, bytes, checksum"
      })
  private @Nullable Path expectedFiles;

  @Option(
      names = "--patience",
      paramLabel = "TIME",
      description = "how long the database may be away (default: ${DEFAULT-VALUE})")
  private String patience = "PT1M";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private OutputFormat format = OutputFormat.TABLE;

  LoadCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    LoadPlan plan = plan();
    Expected announced = ExpectedList.expected(environment, null, null, expectedFiles);
    List<ExpectedFile> list = announced == null ? List.of() : announced.files();
    LoadTarget database = PostgresLoadTarget.to(TargetSettings.of(to, environment));
    Duration away = patience();
    plan.named().stream().sorted().forEach(this::refuseMissing);
    try (AuditClient client = service.loader(environment)) {
      LoadProgress progress = new LoadProgress(console, System::nanoTime);
      Load load = new Load(client.calls(), database, plan, progress, away);
      TargetTable found = load.table();
      LoadBatch batches = new LoadBatch(client, table, period);
      Snapshot complete = resume == null && !again ? batches.complete() : null;
      if (complete != null) {
        console.say(
            table + "@" + period + " is complete already, so nothing was loaded; --again does");
        BatchReport.print(console, format, complete);
        return ExitCode.COMPLETE.code();
      }
      try (OnInterrupt hook = OnInterrupt.run(load::stop)) {
        BlockingBatch batch = batches.open(spec(), again, resume);
        console.say("batch " + batch.id() + (batch.run() == 1 ? "" : ", run " + batch.run()));
        return told(client.calls(), load.run(found, LoadReporter.of(batch), list));
      }
    }
  }

  private int told(AuditCalls calls, DeliveryReport report) {
    for (RefusedEvent refused : report.refusals()) {
      console.say(
          Printable.of(
              "refused: " + refused.file() + "  " + refused.problem() + ": " + refused.detail()));
    }
    Snapshot ended = report.ended();
    if (ended == null) {
      console.say("the ending of the batch waits in the spool, until the service is back");
      return ExitCode.UNREACHABLE.code();
    }
    Waiting.on(FilesAtFault.name(calls, console, ended));
    BatchReport.print(console, format, ended);
    return ExitCode.of(ended.status()).code();
  }

  private BatchSpec spec() {
    String shown = name == null ? String.join(" ", arguments) : name;
    int characters = shown.codePointCount(0, shown.length());
    String fitting =
        characters <= MOST_NAME
            ? shown
            : shown.substring(0, shown.offsetByCodePoints(0, MOST_NAME - 1)) + "…";
    return BatchSpec.builder().table(table).period(period).name(fitting).build();
  }

  private LoadPlan plan() {
    if (jobs < 1 || jobs > MOST_JOBS) {
      throw usage("--jobs is " + jobs + ", expected 1 to " + MOST_JOBS);
    }
    if (maxBadRows < 0) {
      throw usage("--max-bad-rows is " + maxBadRows + ", expected 0 or more");
    }
    try {
      List<String> names = Globs.expand(environment.workingDirectory(), arguments);
      return new LoadPlan(
          FileSelection.of(environment.workingDirectory(), names),
          new HashSet<>(names),
          CsvNames.matching(
              csv.stream().map(String::strip).filter(glob -> !glob.isEmpty()).toList()),
          rowFormat(),
          columns.stream().map(String::strip).toList(),
          TableName.parse(table),
          create,
          jobs,
          maxBadRows);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw usage("the arguments cannot be spelled out: " + e.getMessage());
    }
  }

  /** A name that was mistyped must not become a file of the batch that is for ever failed. */
  private void refuseMissing(String argument) {
    Iterator<SelectedFile> found =
        FileSelection.of(environment.workingDirectory(), List.of(argument)).iterator();
    if (found.hasNext()
        && found.next() instanceof SelectedFile.Failed failed
        && failed.problem().code() == FileProblem.Code.NOT_FOUND) {
      throw usage("there is no " + Printable.of(argument));
    }
  }

  private RowFormat rowFormat() {
    char quoting = quote.isEmpty() ? CsvFormat.UNQUOTED : single(quote, "--quote");
    String between = delimiter.equals("\\t") ? "\t" : delimiter;
    return new RowFormat(
        single(between, "--delimiter"), new CsvFormat(header, quoting), charset(), nullText);
  }

  private static char single(String text, String option) {
    if (text.length() != 1) {
      throw usage(option + " is \"" + text + "\", expected one character");
    }
    return text.charAt(0);
  }

  private Charset charset() {
    try {
      return Charset.forName(encoding);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      throw usage("--encoding is \"" + encoding + "\", expected one such as UTF-8 or latin1");
    }
  }

  private Duration patience() {
    try {
      return Duration.parse(patience);
    } catch (DateTimeParseException e) {
      throw usage("--patience is \"" + patience + "\", expected a duration such as PT1M");
    }
  }

  private static CommandException usage(String message) {
    return new CommandException(ExitCode.USAGE, message);
  }
}
