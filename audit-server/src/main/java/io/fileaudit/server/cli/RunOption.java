package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which life of a batch a command means, so that one that is over does not touch the next. */
final class RunOption {
  @Option(
      names = "--run",
      paramLabel = "N",
      description = "the run that is meant, from 1 (else the present one)")
  private @Nullable Integer run;

  int of(Snapshot batch) {
    return run == null ? batch.run() : run;
  }
}
