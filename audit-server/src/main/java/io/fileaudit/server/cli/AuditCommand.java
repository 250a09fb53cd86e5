package io.fileaudit.server.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
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
      "6:something differs from what is known of it",
      "7:nothing differs, but something could not be compared",
      "124:the command's own time was over",
      "130:interrupted"
    },
    subcommands = HelpCommand.class)
public final class AuditCommand {
  private static final String COMPLETION = "completion";

  /** Every command by its name, in the order of the help. */
  private static final Map<String, BiFunction<Console, Environment, Object>> COMMANDS =
      new LinkedHashMap<>();

  static {
    COMMANDS.put("serve", ServeCommand::new);
    COMMANDS.put("demo", DemoCommand::new);
    COMMANDS.put("load", LoadCommand::new);
    COMMANDS.put("scan", ScanCommand::new);
    COMMANDS.put("open", OpenCommand::new);
    COMMANDS.put("send", SendCommand::new);
    COMMANDS.put("alive", AliveCommand::new);
    COMMANDS.put("end", EndCommand::new);
    COMMANDS.put("cancel", CancelCommand::new);
    COMMANDS.put("resume", ResumeCommand::new);
    COMMANDS.put("ls", LsCommand::new);
    COMMANDS.put("show", ShowCommand::new);
    COMMANDS.put("watch", WatchCommand::new);
    COMMANDS.put("wait", WaitCommand::new);
    COMMANDS.put("files", FilesCommand::new);
    COMMANDS.put("reconcile", ReconcileCommand::new);
    COMMANDS.put("tail", TailCommand::new);
    COMMANDS.put("check", CheckCommand::new);
    COMMANDS.put("key", KeyCommand::new);
    COMMANDS.put("keys", KeysCommand::new);
    COMMANDS.put("doctor", DoctorCommand::new);
    COMMANDS.put(COMPLETION, (console, environment) -> new CompletionCommand(console));
  }

  private AuditCommand() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    CliLogging.quiet(arguments);
    Environment environment = Environment.ofProcess();
    System.exit(run(Console.ofProcess(environment), environment, arguments));
  }

  /** Runs one command and gives its exit code. */
  static int run(Console console, Environment environment, String... arguments) {
    return commandLine(console, environment, arguments).execute(arguments);
  }

  /**
   * The command line for these arguments. Reading what each command is takes longer than a small
   * one runs, so only that is made which the first argument names.
   */
  private static CommandLine commandLine(
      Console console, Environment environment, String... arguments) {
    String first = arguments.length == 0 ? "" : arguments[0];
    if (first.equals("--version") || first.equals("-V")) {
      return configured(new CommandLine(new AuditCommand()), console);
    }
    BiFunction<Console, Environment, Object> named = COMMANDS.get(first);
    return named == null || first.equals(COMPLETION)
        ? all(console, environment)
        : configured(
            new CommandLine(new AuditCommand()).addSubcommand(named.apply(console, environment)),
            console);
  }

  /** The command line with all of its commands. */
  static CommandLine all(Console console, Environment environment) {
    CommandLine line = new CommandLine(new AuditCommand());
    COMMANDS.values().forEach(made -> line.addSubcommand(made.apply(console, environment)));
    return configured(line, console);
  }

  private static CommandLine configured(CommandLine line, Console console) {
    CommandErrors errors = new CommandErrors(console);
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors)
        .setOut(console.outWriter())
        .setErr(console.errWriter());
  }
}
