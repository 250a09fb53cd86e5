package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.Tagged;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.table.TableAudit;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reactor.core.publisher.Mono;

/** Waits until a batch, or the load of a table for a period, has ended: the gate of a next step. */
@Command(
    name = "wait",
    description = {
      "Wait until a batch has ended, or the load of a table for a period: the gate of a next step.",
      "A load that was not opened yet is waited for, too; so is a service that went away."
    },
    exitCodeList = {
      "0:COMPLETED",
      "1:INCOMPLETE, FAILED or CANCELLED",
      "2:usage: there is no such batch",
      "3:TIMED_OUT: ended by one of its limits",
      "4:no key, or one that is not allowed to",
      "5:the service cannot be reached",
      "124:not ended, or not opened, when the time of --timeout was over",
      "130:interrupted"
    },
    footer = {
      "",
      "Examples:",
      "  audit wait --table empresa --period 2025-02 --timeout PT6H && next-step",
      "  audit wait empresa@2025-02      # the same, for ever",
      "  audit wait $BATCH"
    })
final class WaitCommand implements Callable<Integer> {
  private static final Duration LONGEST_CALL = Duration.ofSeconds(30);
  private static final Duration SHORTEST_ROUND = Duration.ofSeconds(1);
  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final OutputOption output = new OutputOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "BATCH",
      description = "an id, its first 4 or more characters, or table@period (the load of that)")
  private @Nullable String batch;

  @Option(names = "--table", paramLabel = "T", description = "the table, with --period")
  private @Nullable String table;

  @Option(names = "--period", paramLabel = "P", description = "the period, with --table")
  private @Nullable String period;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "how long at most, ISO 8601 as in PT6H (else for ever)")
  private @Nullable Duration timeout;

  WaitCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    boolean byTable = table != null && period != null && batch == null;
    boolean byBatch = table == null && period == null && batch != null;
    if (!byTable && !byBatch) {
      throw new CommandException(ExitCode.USAGE, "give either BATCH, or --table and --period");
    }
    Duration most = timeout == null || timeout.compareTo(FOR_EVER) > 0 ? FOR_EVER : timeout;
    long end = System.nanoTime() + most.toNanos();
    try (AuditCalls client = service.client(environment)) {
      int at = batch == null ? -1 : batch.lastIndexOf('@');
      Optional<Snapshot> ended =
          byTable
              ? load(client, String.valueOf(table), String.valueOf(period), end)
              : at > 0
                  ? load(
                      client,
                      String.valueOf(batch).substring(0, at),
                      String.valueOf(batch).substring(at + 1),
                      end)
                  : batch(client, BatchName.find(client, String.valueOf(batch)), end);
      if (ended.isEmpty()) {
        console.say("audit: still waiting when the time was over");
        return ExitCode.WAITED.code();
      }
      BatchReport.print(console, output.format(), ended.get());
      return ExitCode.of(ended.get().status()).code();
    }
  }

  private Optional<Snapshot> batch(AuditCalls client, Snapshot found, long end) {
    Snapshot now = found;
    String tag = null;
    Retrying retrying = retrying(end);
    while (now.status().isOpen()) {
      Duration left = left(end);
      if (left.isZero()) {
        return Optional.empty();
      }
      String known = tag;
      Optional<Tagged<Snapshot>> next =
          retrying.of(
              () ->
                  Waiting.meanwhile(
                      client.snapshot(found.id(), shorter(left), known), left, () -> {}));
      if (next.isPresent()) {
        now = next.get().value();
        tag = next.get().tag();
      }
    }
    return Optional.of(now);
  }

  private Optional<Snapshot> load(AuditCalls client, String table, String period, long end) {
    if (table.contains("/") || period.contains("/")) {
      throw new CommandException(
          ExitCode.USAGE, "a table or period with a slash cannot be waited for; name the batch");
    }
    // Whether anybody is there is known before it is waited for.
    Waiting.on(client.identity());
    Retrying retrying = retrying(end);
    while (true) {
      Duration left = left(end);
      long begun = System.nanoTime();
      Optional<TableAudit> audit = retrying.of(() -> audit(client, table, period, shorter(left)));
      if (audit.isPresent() && !audit.get().status().isOpen()) {
        return Optional.of(retrying.of(() -> Waiting.on(client.snapshot(audit.get().batch()))));
      }
      if (left(end).isZero()) {
        return Optional.empty();
      }
      Duration round = SHORTEST_ROUND.minusNanos(System.nanoTime() - begun);
      if (!round.isNegative()) {
        Waiting.until(Mono.delay(round).then());
      }
    }
  }

  private static Optional<TableAudit> audit(
      AuditCalls client, String table, String period, Duration wait) {
    try {
      return Optional.of(Waiting.on(client.period(table, period, wait)).audit());
    } catch (AuditException e) {
      if (e.type() == ProblemType.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Retrying retrying(long end) {
    return new Retrying(left(end), console::say, System::nanoTime);
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  private static Duration shorter(Duration left) {
    return left.compareTo(LONGEST_CALL) < 0 ? left : LONGEST_CALL;
  }
}
