package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends events, a JSON object a line, to a batch. */
@Command(
    name = "send",
    description = {
      "Send events to a batch: a JSON object a line, from stdin or a file, as they come.",
      "Goes on where the service went away meanwhile. Refused lines are named on stderr.",
      "An event without a position gets the number of its line."
    },
    footer = {
      "",
      "Examples:",
      "  echo '{\"type\":\"COMPLETED\",\"file\":\"a.csv\",\"rows\":7}' | audit send $BATCH",
      "  my-loader | audit send empresa@2025-02",
      "  audit send $BATCH events.ndjson --producer night-1   # repeated, it counts once"
    })
final class SendCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final BatchArgument batch = new BatchArgument();
  @Mixin private final RunOption run = new RunOption();
  @Mixin private final RetryOption retry = new RetryOption();

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "what to send (else, and for -, stdin)")
  private @Nullable Path file;

  @Option(
      names = "--producer",
      paramLabel = "NAME",
      description = "who numbers the events: a name for this input alone (else a new one)")
  private @Nullable String producer;

  SendCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    String numberedBy = producer == null ? "send-" + UUID.randomUUID() : producer;
    Retrying retrying = retry.retrying(console);
    try (AuditCalls client = service.client(environment);
        InputStream input = Input.open(environment, file)) {
      Snapshot found = retrying.of(() -> batch.find(client));
      LineSending sending = new LineSending(client, console, retrying);
      try {
        sending.run(found.id(), run.of(found), numberedBy, input);
      } catch (RuntimeException e) {
        console.say(
            sending.summary()
                + "; what is acknowledged is stored. The same input sent again with --producer "
                + Printable.of(numberedBy)
                + " counts once.");
        throw e;
      }
      console.say(sending.summary());
      return (sending.refused() == 0 ? ExitCode.COMPLETE : ExitCode.INCOMPLETE).code();
    }
  }
}
