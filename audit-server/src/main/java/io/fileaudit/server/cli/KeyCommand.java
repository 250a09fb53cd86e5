package io.fileaudit.server.cli;

import io.fileaudit.api.access.PageLink;
import io.fileaudit.api.client.AuditCalls;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the admin key of a data directory, or a link that opens the page. */
@Command(
    name = "key",
    description = {
      "Print the admin key, which the service made at its first start;",
      "or a link that opens the page once, with the rights of the key in use."
    },
    footer = {
      "",
      "Examples:",
      "  curl -H \"Authorization: Bearer $(audit key)\" http://127.0.0.1:8080/api/v1/batches",
      "  audit key --link"
    })
final class KeyCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();

  @Option(
      names = "--link",
      description = "print a link that opens the page, once, within 15 minutes")
  private boolean link;

  KeyCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    if (link) {
      try (AuditCalls client = service.client(environment)) {
        PageLink made = Waiting.on(client.pageLink());
        console.data(service.address(environment) + made.path());
      }
    } else {
      console.data(service.ownKey(environment));
    }
    return ExitCode.COMPLETE.code();
  }
}
