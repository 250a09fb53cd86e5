package io.fileaudit.server.cli;

import io.fileaudit.api.access.ApiKey;
import io.fileaudit.api.access.NewKey;
import io.fileaudit.api.client.AuditCalls;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes, lists and revokes keys. */
@Command(
    name = "keys",
    description = "Make, list and revoke keys; needs a key that is allowed to (admin).",
    synopsisSubcommandLabel = "add|list|revoke",
    footer = {
      "",
      "Examples:",
      "  audit keys add loader-1 --scope ingest",
      "  audit keys add night-watch --scope read,operate --namespaces sales --expires P90D",
      "  audit keys list",
      "  audit keys revoke 0197a2c4-93d0-7c11-8a57-1d2a5f0c9e33"
    })
final class KeysCommand implements Runnable {
  private final Console console;
  private final Environment environment;

  @Spec private @Nullable CommandSpec spec;

  KeysCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "Missing command: add, list or revoke");
  }

  @Command(name = "add", description = "Make a key and print it; it is shown this once.")
  int add(
      @Mixin ServiceOptions service,
      @Parameters(paramLabel = "NAME", description = "whom it is for: stands in verdicts and logs")
          String name,
      @Option(
              names = "--scope",
              required = true,
              split = ",",
              paramLabel = "SCOPE",
              description = "what it allows: ingest, read, operate, admin")
          List<String> scopes,
      @Option(
              names = "--namespaces",
              split = ",",
              paramLabel = "NAME",
              description = "namespaces it may use, * for every one (else default)")
          @Nullable List<String> namespaces,
      @Option(
              names = "--expires",
              paramLabel = "AFTER",
              description = "how long it is valid, ISO 8601 as in P90D (else for ever)")
          @Nullable String expires) {
    NewKey wanted =
        new NewKey(name, scopes, namespaces, expires == null ? null : duration(expires));
    try (AuditCalls client = service.client(environment)) {
      ApiKey made = Waiting.on(client.addKey(wanted));
      console.say("made the key " + Printable.of(made.name()) + ", id " + made.id());
      console.data(String.valueOf(made.key()));
    }
    return ExitCode.COMPLETE.code();
  }

  private static Duration duration(String text) {
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new CommandException(
          ExitCode.USAGE, "--expires is \"" + text + "\", expected ISO 8601 as in P90D or PT12H");
    }
  }

  @Command(name = "list", description = "List keys, revoked and expired ones too, newest first.")
  int list(
      @Mixin ServiceOptions service,
      @Option(
              names = {"-o", "--output"},
              paramLabel = "FORMAT",
              defaultValue = "table",
              description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
          OutputFormat format) {
    List<Column<ApiKey>> columns =
        List.of(
            Column.text("id", ApiKey::id),
            Column.text("name", ApiKey::name),
            Column.text("scopes", key -> String.join(",", key.scopes())),
            Column.text("namespaces", key -> String.join(",", key.namespaces())),
            Column.text("created_at", ApiKey::createdAt),
            Column.text("created_by", ApiKey::createdBy),
            Column.text("expires_at", ApiKey::expiresAt),
            Column.text("revoked_at", ApiKey::revokedAt));
    ListPrinter<ApiKey> printer = new ListPrinter<>(console, format, columns, columns);
    try (AuditCalls client = service.client(environment)) {
      Waiting.on(client.keys()).forEach(printer::print);
    }
    printer.finish();
    return ExitCode.COMPLETE.code();
  }

  @Command(name = "revoke", description = "Revoke a key, and the sessions that it opened.")
  int revoke(
      @Mixin ServiceOptions service,
      @Parameters(paramLabel = "ID", description = "its id, as `audit keys list` shows it")
          String id) {
    UUID uuid;
    try {
      uuid = UUID.fromString(id);
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          ExitCode.USAGE, "\"" + id + "\" is no id of a key; `audit keys list` shows them");
    }
    try (AuditCalls client = service.client(environment)) {
      ApiKey revoked = Waiting.on(client.revokeKey(uuid));
      console.say("revoked the key " + Printable.of(revoked.name()));
    }
    return ExitCode.COMPLETE.code();
  }
}
