package io.fileaudit.server.cli;

import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.r2dbc.load.TableName;
import io.fileaudit.r2dbc.load.TableReader;
import io.fileaudit.r2dbc.load.TableRows;
import io.fileaudit.r2dbc.load.TargetException;
import io.fileaudit.server.cli.earlier.EarlierNames;
import io.fileaudit.server.cli.earlier.ImportPlan;
import io.fileaudit.server.cli.earlier.ImportRules;
import io.fileaudit.server.cli.earlier.ImportedBatch;
import io.fileaudit.server.cli.earlier.Level;
import io.fileaudit.server.cli.earlier.Remark;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Takes over what the earlier service, that of the Python ETL, kept in its four tables. */
@Command(
    name = "import",
    description = {
      "Take over batches, sub-batches and files from the database of the Python audit service.",
      "What cannot be meant is left out and named, a line each on stdout. The same again changes",
      "nothing, and goes on where it was interrupted. Nothing in that database is changed."
    },
    exitCodeList = {
      "0:everything is taken over, now or before",
      "1:something was left out, and named",
      "2:usage: there are no such tables",
      "4:no key, or one that is not allowed to",
      "5:the service, or the database, cannot be reached"
    },
    footer = {
      "",
      "Examples:",
      "  audit import --from postgresql://etl@db/rfb_audit --zone America/Sao_Paulo --dry-run",
      "  audit import --from postgresql://etl@db/rfb_audit --zone America/Sao_Paulo -o csv > left.csv",
      "  audit import --from postgresql://etl@db/old --table batch=loads --column file.checksum=sha"
    })
final class ImportCommand implements Callable<Integer> {
  private static final List<Column<Remark>> COLUMNS =
      List.of(
          Column.text("level", remark -> remark.level().word()),
          Column.text("id", Remark::id),
          Column.text("taken", remark -> remark.taken() ? "yes" : "no"),
          Column.text("kind", Remark::kind),
          Column.text("name", Remark::name),
          Column.text("detail", Remark::detail));

  /** What is done about batches that never ended there. */
  enum Open {
    /** They are left out, and may be taken by a later import. */
    SKIP,
    /** They are taken over as CANCELLED. */
    CANCEL;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();

  @Option(
      names = "--from",
      required = true,
      paramLabel = "URL",
      description =
          "the earlier service's database, as in postgresql://user@host:5432/database. The password"
              + " may also be in PGPASSWORD or ~/.pgpass, where nobody sees it")
  private String from = "";

  @Option(
      names = "--zone",
      required = true,
      paramLabel = "ZONE",
      description =
          "the time zone of the machine it ran on, as in America/Sao_Paulo: its times say none")
  private String zone = "";

  @Option(
      names = "--open",
      paramLabel = "WHAT",
      description =
          "what becomes of batches that never ended there: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE})")
  private Open open = Open.SKIP;

  @Option(
      names = "--table",
      paramLabel = "LEVEL=NAME",
      description =
          "what a table is called there, for level table, file, batch or subbatch (default:"
              + " LEVEL_audit_manifest, else LEVEL_ingestion_manifest)")
  private Map<String, String> tables = new LinkedHashMap<>();

  @Option(
      names = "--column",
      paramLabel = "LEVEL.FIELD=NAME",
      description = "what a column is called there, as in file.checksum=sha; see docs/migration.md")
  private Map<String, String> columns = new LinkedHashMap<>();

  @Option(
      names = "--dry-run",
      description = "say what would be taken over and what not; no service is spoken to")
  private boolean dryRun;

  @Mixin private final OutputOption output = new OutputOption();

  ImportCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    EarlierNames names = names();
    ImportRules rules = new ImportRules(zone(), open == Open.CANCEL, Clock.systemUTC().instant());
    ImportPlan plan = ImportPlan.of(rows(names), names, rules);
    ListPrinter<Remark> list = new ListPrinter<>(console, output.format(), COLUMNS, COLUMNS);
    List<Remark> remarks = new ArrayList<>(plan.remarks());
    plan.remarks().forEach(list::print);
    if (dryRun) {
      list.finish();
      console.say("would take over " + counts(plan.batches()));
      return code(remarks);
    }
    try (AuditCalls calls = service.client(environment)) {
      ImportWriter.Outcome all = written(calls, plan, list);
      remarks.addAll(all.remarks());
      list.finish();
      console.say(
          String.format(
              Locale.ROOT,
              "%,d batches taken over with %,d events; %,d were there already",
              all.written(),
              all.events(),
              all.known()));
    }
    return code(remarks);
  }

  private ImportWriter.Outcome written(
      AuditCalls calls, ImportPlan plan, ListPrinter<Remark> list) {
    int wanted = plan.batches().stream().mapToInt(ImportedBatch::batches).sum();
    return Waiting.on(
        new ImportWriter(calls)
            .write(plan.batches())
            .doOnNext(outcome -> outcome.remarks().forEach(list::print))
            .scan(ImportWriter.Outcome.NOTHING, ImportWriter.Outcome::and)
            .doOnNext(
                sofar ->
                    console.show(sofar.written() + sofar.known() + " of " + wanted + " batches"))
            .last());
  }

  /** Says how many remarks there are of each kind. */
  private int code(List<Remark> remarks) {
    Map<String, Long> kinds =
        remarks.stream()
            .collect(
                Collectors.groupingBy(
                    remark -> (remark.taken() ? "taken, but " : "left out: ") + remark.kind(),
                    TreeMap::new,
                    Collectors.counting()));
    kinds.forEach((kind, count) -> console.say(kind + " (" + count + ")"));
    boolean complete = remarks.stream().allMatch(Remark::taken);
    return (complete ? ExitCode.COMPLETE : ExitCode.INCOMPLETE).code();
  }

  private static String counts(List<ImportedBatch> batches) {
    Map<Level, Long> levels = new EnumMap<>(Level.class);
    long events = 0;
    for (ImportedBatch batch : batches) {
      levels.merge(batch.level(), 1L, Long::sum);
      events += batch.events().size();
      for (ImportedBatch child : batch.children()) {
        levels.merge(child.level(), 1L, Long::sum);
        events += child.events().size();
      }
    }
    return String.format(
        Locale.ROOT,
        "%,d table audits, %,d batches, %,d sub-batches with %,d events",
        levels.getOrDefault(Level.TABLE, 0L),
        levels.getOrDefault(Level.BATCH, 0L),
        levels.getOrDefault(Level.SUBBATCH, 0L),
        events);
  }

  private EarlierNames names() {
    try {
      return EarlierNames.of(tables, columns);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private ZoneId zone() {
    try {
      return ZoneId.of(zone);
    } catch (DateTimeException e) {
      throw new CommandException(
          ExitCode.USAGE, "--zone is \"" + zone + "\", expected one such as America/Sao_Paulo");
    }
  }

  private Map<Level, List<String>> rows(EarlierNames names) {
    List<List<TableName>> wanted = new ArrayList<>();
    for (Level level : Level.values()) {
      wanted.add(names.tables(level).stream().map(ImportCommand::table).toList());
    }
    List<TableRows> read = read(wanted);
    Map<Level, List<String>> rows = new EnumMap<>(Level.class);
    for (Level level : Level.values()) {
      TableRows found = read.get(level.ordinal());
      List<String> gone =
          found.rows().isEmpty() ? List.of() : names.notIn(level, found.rows().get(0));
      if (!gone.isEmpty()) {
        throw new CommandException(
            ExitCode.USAGE, found.name() + " has no column " + String.join(", ", gone));
      }
      console.say(String.format(Locale.ROOT, "%s: %,d rows", found.name(), found.rows().size()));
      rows.put(level, found.rows());
    }
    return rows;
  }

  private static TableName table(String name) {
    try {
      return TableName.parse(name);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private List<TableRows> read(List<List<TableName>> wanted) {
    try {
      return Waiting.on(new TableReader(TargetSettings.of(from, environment)).read(wanted));
    } catch (TargetException.Away e) {
      throw new CommandException(ExitCode.UNREACHABLE, String.valueOf(e.getMessage()));
    } catch (TargetException e) {
      throw new CommandException(
          ExitCode.USAGE, "the database refuses: " + String.valueOf(e.getMessage()));
    }
  }
}
