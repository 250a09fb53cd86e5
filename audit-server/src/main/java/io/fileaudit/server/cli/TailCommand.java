package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.Tagged;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import reactor.core.scheduler.Schedulers;

/** Prints the end of a batch's ledger, and what comes, until the batch has ended. */
@Command(
    name = "tail",
    description = {
      "Print the last rows of a batch's ledger: what was reported and decided, in order.",
      "With -f, also what comes, until the batch has ended."
    },
    footer = {
      "",
      "Examples:",
      "  audit tail empresa@2025-02 -f",
      "  audit tail 0197 --from 0 -o jsonl > ledger.ndjson"
    })
final class TailCommand implements Callable<Integer> {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final BatchArgument batch = new BatchArgument();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = {"-f", "--follow"},
      description = "go on with what comes, until the batch has ended")
  private boolean follow;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      description = "how many of the last rows (default: ${DEFAULT-VALUE})")
  private int last = 10;

  @Option(
      names = "--from",
      paramLabel = "SEQ",
      description = "the first row by its number, from 0, instead of -n")
  private @Nullable Long from;

  private long next;

  TailCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    if (last < 0 || (from != null && from < 0)) {
      throw new CommandException(ExitCode.USAGE, "-n and --from are 0 or more");
    }
    ListPrinter<LedgerRow> list =
        new ListPrinter<>(console, output.format(), LedgerRow.CSV, LedgerRow.CSV);
    try (AuditCalls client = service.client(environment)) {
      UUID id = batch.find(client).id();
      Retrying retrying =
          new Retrying(follow ? FOR_EVER : Duration.ZERO, console::say, System::nanoTime);
      // Looked at before its rows are read: of what comes later, the tag is another.
      Tagged<Snapshot> seen =
          retrying.of(() -> Waiting.on(client.snapshot(id, LONGEST_WAIT, null)));
      long rows = seen.value().totals().events();
      next = from == null ? 0 : from;
      retrying.of(() -> from == null ? last(client, id, rows, list) : read(client, id, list));
      while (follow && seen.value().status().isOpen()) {
        String tag = seen.tag();
        Optional<Tagged<Snapshot>> changed =
            retrying.of(
                () ->
                    Waiting.meanwhile(
                        client.snapshot(id, LONGEST_WAIT, tag), LONGEST_WAIT, () -> {}));
        if (changed.isPresent()) {
          seen = changed.get();
          retrying.of(() -> read(client, id, list));
        }
      }
    }
    if (output.format() != OutputFormat.TABLE) {
      list.finish();
    }
    return ExitCode.COMPLETE.code();
  }

  private boolean last(AuditCalls client, UUID id, long events, ListPrinter<LedgerRow> list) {
    // Every row is an event that was accepted or a decision, and numbers have no gaps.
    long rows = events + Waiting.on(client.verdicts(id)).size();
    Deque<LedgerRow> end = new ArrayDeque<>();
    next = Math.max(0, rows - last);
    Waiting.until(
        client
            .ledger(id, next)
            .publishOn(Schedulers.boundedElastic())
            .doOnNext(
                text -> {
                  LedgerRow row = LedgerRow.of(text);
                  next = row.seq() + 1;
                  end.add(row);
                  if (end.size() > last) {
                    end.removeFirst();
                  }
                })
            .then());
    end.forEach(row -> print(row, list));
    return true;
  }

  private boolean read(AuditCalls client, UUID id, ListPrinter<LedgerRow> list) {
    Waiting.until(
        client
            .ledger(id, next)
            .publishOn(Schedulers.boundedElastic()) // Printing may block.
            .doOnNext(
                text -> {
                  LedgerRow row = LedgerRow.of(text);
                  print(row, list);
                  next = row.seq() + 1;
                })
            .then());
    return true;
  }

  private void print(LedgerRow row, ListPrinter<LedgerRow> list) {
    if (output.format() == OutputFormat.TABLE) {
      console.text(row.line()); // At once: a table would wait for its widths.
    } else {
      list.print(row);
    }
  }
}
