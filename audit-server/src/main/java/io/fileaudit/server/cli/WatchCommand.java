package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows a batch live until it has ended. */
@Command(
    name = "watch",
    description = {
      "Show a batch live until it has ended: a bar on a terminal, else a line for each change.",
      "Ctrl-C ends the watching and nothing else."
    },
    footer = {
      "",
      "Examples:",
      "  audit watch empresa@2025-02",
      "  audit watch $BATCH --exit-status && next-step",
      "  audit watch $BATCH -o jsonl | jq .totals.rows"
    })
final class WatchCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final BatchArgument batch = new BatchArgument();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--exit-status",
      description = "exit by how the batch ended: 0 COMPLETED, 3 TIMED_OUT, 1 otherwise")
  private boolean exitStatus;

  WatchCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    try (AuditCalls client = service.client(environment)) {
      UUID id = batch.find(client).id();
      boolean live = console.outTerminal() && output.format() == OutputFormat.TABLE;
      Snapshot ended =
          live
              ? new Watch(client, new Bar(), said -> {}, System::nanoTime).run(id)
              : list(client, id);
      return (exitStatus ? ExitCode.of(ended.status()) : ExitCode.COMPLETE).code();
    }
  }

  private Snapshot list(AuditCalls client, UUID id) {
    ListPrinter<Snapshot> printer = BatchColumns.printer(console, output.format());
    boolean plain = output.format() == OutputFormat.TABLE;
    Watch.Screen screen =
        new Watch.Screen() {
          @Override
          public void changed(Snapshot now, @Nullable Double rowsPerSecond) {
            if (plain) {
              console.text(now.now() + "  " + new WatchView(now, 0, rowsPerSecond, null).line());
            } else {
              printer.print(now);
            }
          }

          @Override
          public void passed(WatchView view) {}
        };
    Snapshot ended = new Watch(client, screen, console::say, System::nanoTime).run(id);
    if (!plain) {
      printer.finish();
    }
    return ended;
  }

  /** Draws the block over itself, with the status in its colour. */
  private final class Bar implements Watch.Screen {
    @Override
    public void changed(Snapshot now, @Nullable Double rowsPerSecond) {
      passed(new WatchView(now, 0, rowsPerSecond, null));
    }

    @Override
    public void passed(WatchView view) {
      // The last column stays free: some terminals begin a new line there.
      List<String> block = new ArrayList<>(view.block(TerminalWidth.columns(environment) - 1));
      String word = view.batch().status().name();
      block.set(
          1, console.status(view.batch().status(), 1) + block.get(1).substring(word.length()));
      console.draw(block);
    }
  }
}
