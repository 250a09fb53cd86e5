package io.fileaudit.server.cli;

import io.fileaudit.api.access.PageLink;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.evidence.NoteSigner;
import io.fileaudit.server.evidence.SigningKey;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the admin key of a data directory, or a link that opens the page. */
@Command(
    name = "key",
    description = {
      "Print the admin key, which the service made at its first start;",
      "or a link that opens the page once, with the rights of the key in use;",
      "or what verifies the signatures of the log, to be kept elsewhere."
    },
    footer = {
      "",
      "Examples:",
      "  curl -H \"Authorization: Bearer $(audit key)\" http://127.0.0.1:8080/api/v1/batches",
      "  audit key --link",
      "  audit key --public > signing.pub",
      "  (umask 077; audit key --new-signing-key > signing.key)"
    })
final class KeyCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();

  @Option(
      names = "--link",
      description = "print a link that opens the page, once, within 15 minutes")
  private boolean link;

  @Option(
      names = "--public",
      description = "print the key that verifies the log's signatures (of the data directory)")
  private boolean isPublic;

  @Option(
      names = "--new-signing-key",
      description = "print a fresh key that signs a log, for AUDIT_SIGNING_KEY_FILE of all nodes")
  private boolean isNew;

  KeyCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    if (Stream.of(link, isPublic, isNew).filter(asked -> asked).count() > 1) {
      throw new CommandException(
          ExitCode.USAGE, "--link, --public and --new-signing-key are different things");
    }
    if (isNew) {
      SecureRandom random = new SecureRandom();
      console.data(NoteSigner.generate(SigningKey.name(random), random).secret());
    } else if (isPublic) {
      console.data(
          TrustedKey.own(environment, service.data)
              .orElseThrow(
                  () ->
                      new CommandException(
                          ExitCode.ACCESS,
                          "no key: "
                              + environment
                                  .dataDirectory(service.data)
                                  .resolve(SigningKey.PUBLIC_FILE)
                              + " is not there or cannot be read; `audit serve` makes it"))
              .toString());
    } else if (link) {
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
