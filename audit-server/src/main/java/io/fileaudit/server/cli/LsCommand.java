package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.api.client.Page;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists batches, newest first. */
@Command(
    name = "ls",
    description = "List batches, newest first.",
    footer = {
      "",
      "Examples:",
      "  audit ls --status incomplete,timed_out",
      "  audit ls --table empresa -n 5"
    })
final class LsCommand implements Callable<Integer> {
  private static final int LARGEST_PAGE = 500;

  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();

  @Option(
      names = "--status",
      split = ",",
      paramLabel = "STATUS",
      description = "only batches with one of these: ${COMPLETION-CANDIDATES}")
  private @Nullable List<BatchStatus> statuses;

  @Option(names = "--table", paramLabel = "T", description = "only batches of this table")
  private @Nullable String table;

  @Option(names = "--period", paramLabel = "P", description = "only batches for this period")
  private @Nullable String period;

  @Option(
      names = {"-q", "--search"},
      paramLabel = "TEXT",
      description = "only batches whose name, table or period contains this")
  private @Nullable String text;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      description = "at most so many (default: ${DEFAULT-VALUE})")
  private int limit = 50;

  @Mixin private final OutputOption output = new OutputOption();

  LsCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new CommandException(ExitCode.USAGE, "-n is " + limit + ", expected 1 or more");
    }
    Set<BatchStatus> wanted =
        statuses == null || statuses.isEmpty() ? Set.of() : EnumSet.copyOf(statuses);
    BatchFilter filter =
        new BatchFilter(wanted, table, period, Map.of(), null, text, Math.min(limit, LARGEST_PAGE));
    ListPrinter<Snapshot> list = BatchColumns.printer(console, output.format());
    try (AuditCalls client = service.client(environment)) {
      String cursor = null;
      int left = limit;
      do {
        Page<Snapshot> page = Waiting.on(client.batches(filter, cursor));
        page.items().stream().limit(left).forEach(list::print);
        left -= page.items().size();
        cursor = page.next();
      } while (cursor != null && left > 0);
    }
    list.finish();
    return ExitCode.COMPLETE.code();
  }
}
