package io.fileaudit.server.cli;

import io.fileaudit.api.batch.HeartbeatAnswer;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import reactor.core.publisher.Mono;

/** Says that the loader of a batch lives, once or as long as a process does. */
@Command(
    name = "alive",
    description = {
      "Say that the loader of a batch lives, so that silence does not end it.",
      "With --pid, again and again as long as that process lives; says nothing of progress."
    },
    footer = {
      "",
      "Examples:",
      "  audit alive $BATCH",
      "  psql -f load.sql & audit alive $BATCH --pid $!"
    })
final class AliveCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final BatchArgument batch = new BatchArgument();
  @Mixin private final RunOption run = new RunOption();
  @Mixin private final RetryOption retry = new RetryOption();

  @Option(
      names = "--pid",
      paramLabel = "PID",
      description = "the loader's process: go on until it ends")
  private @Nullable Long pid;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      description = "how often, with --pid, ISO 8601 (default: ${DEFAULT-VALUE})")
  private Duration every = Duration.ofMinutes(1);

  AliveCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    if (every.isNegative() || every.isZero()) {
      throw new CommandException(ExitCode.USAGE, "--every is " + every + ", expected more than 0");
    }
    Retrying retrying = retry.retrying(console);
    try (AuditCalls client = service.client(environment)) {
      Snapshot found = retrying.of(() -> batch.find(client));
      do {
        HeartbeatAnswer answer =
            retrying.of(() -> Waiting.on(client.heartbeat(found.id(), run.of(found))));
        if (pid == null) {
          console.say(answer.status().name());
        }
      } while (pid != null && livesOn(pid));
    }
    return ExitCode.COMPLETE.code();
  }

  /** Waits for the next time; false where the process ended until then. */
  private boolean livesOn(long process) {
    return ProcessHandle.of(process)
        .map(handle -> !Waiting.briefly(Mono.fromFuture(handle.onExit()), every))
        .orElse(false);
  }
}
