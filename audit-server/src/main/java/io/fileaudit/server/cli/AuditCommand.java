package io.fileaudit.server.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ScopeType;

/** The {@code audit} command line: what it is called with leads to one of its commands. */
@Command(
    name = "audit",
    description = "An account of every file of every load: which did not load, and why.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    version = "audit 0.1.0-SNAPSHOT",
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:complete",
      "1:failures, an incomplete batch, or the service refused",
      "2:usage: the command cannot be carried out as it was given",
      "3:the batch was ended by one of its limits",
      "4:no key, or one that is not allowed to",
      "5:the service, or the database to load into, cannot be reached",
      "130:interrupted"
    },
    subcommands = HelpCommand.class)
public final class AuditCommand {
  private AuditCommand() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    CliLogging.quiet(arguments);
    Environment environment = Environment.ofProcess();
    System.exit(run(Console.ofProcess(environment), environment, arguments));
  }

  /** Runs one command and gives its exit code. */
  static int run(Console console, Environment environment, String... arguments) {
    return commandLine(console, environment).execute(arguments);
  }

  private static CommandLine commandLine(Console console, Environment environment) {
    CommandErrors errors = new CommandErrors(console);
    return new CommandLine(new AuditCommand())
        .addSubcommand(new ServeCommand(console, environment))
        .addSubcommand(new DemoCommand(console, environment))
        .addSubcommand(new LoadCommand(console, environment))
        .addSubcommand(new ScanCommand(console, environment))
        .addSubcommand(new OpenCommand(console, environment))
        .addSubcommand(new SendCommand(console, environment))
        .addSubcommand(new EndCommand(console, environment))
        .addSubcommand(new CancelCommand(console, environment))
        .addSubcommand(new ResumeCommand(console, environment))
        .addSubcommand(new AliveCommand(console, environment))
        .addSubcommand(new ShowCommand(console, environment))
        .addSubcommand(new FilesCommand(console, environment))
        .addSubcommand(new LsCommand(console, environment))
        .addSubcommand(new KeyCommand(console, environment))
        .addSubcommand(new KeysCommand(console, environment))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors)
        .setOut(console.outWriter())
        .setErr(console.errWriter());
  }
}
