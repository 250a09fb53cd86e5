package io.fileaudit.server.cli;

import java.time.Duration;
import picocli.CommandLine.Option;

/** How long a command that changes something goes on trying. */
final class RetryOption {
  @Option(
      names = "--retry",
      paramLabel = "FOR",
      description =
          "how long to try again where the service does not answer, ISO 8601; PT0S tries once"
              + " (default: ${DEFAULT-VALUE})")
  private Duration retry = Duration.ofMinutes(2);

  /** Tries again for so long, and says so on that console. */
  Retrying retrying(Console console) {
    return new Retrying(retry, console::say, System::nanoTime);
  }
}
