package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Ends a batch. Completing is judged by the service: the exit code says what came of it. */
@Command(
    name = "end",
    description = {
      "End a batch. COMPLETED is granted only where its account bears it, else it is INCOMPLETE.",
      "Asking again for the ending that it has changes nothing."
    },
    footer = {
      "",
      "Examples:",
      "  audit end $BATCH",
      "  audit end empresa@2025-02 --status failed --message 'disk full'"
    })
final class EndCommand implements Callable<Integer> {
  /** How a loader may end its batch. */
  enum Ending {
    COMPLETED,
    FAILED;

    /** As it is typed. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final BatchArgument batch = new BatchArgument();
  @Mixin private final RunOption run = new RunOption();
  @Mixin private final RetryOption retry = new RetryOption();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--status",
      paramLabel = "STATUS",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private Ending ending = Ending.COMPLETED;

  @Option(names = "--message", paramLabel = "TEXT", description = "why, for the verdict")
  private @Nullable String message;

  EndCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    BatchStatus wanted = BatchStatus.valueOf(ending.name());
    Steering steering = new Steering(service, environment, retry.retrying(console));
    Snapshot ended = steering.to(wanted, batch, run, message);
    BatchReport.print(console, output.format(), ended);
    return (ended.status() == wanted ? ExitCode.COMPLETE : ExitCode.of(ended.status())).code();
  }
}
