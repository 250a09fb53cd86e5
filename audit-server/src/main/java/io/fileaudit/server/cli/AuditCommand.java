package io.fileaudit.server.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** The {@code audit} command line: what it is called with leads to one of its commands. */
@Command(
    name = "audit",
    description = "An account of every file of every load: which did not load, and why.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    version = "audit 0.1.0-SNAPSHOT",
    synopsisSubcommandLabel = "COMMAND",
    usageHelpWidth = 100,
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
      "130:interrupted",
      "141:whoever read the output went away"
    },
    subcommands = HelpCommand.class)
public final class AuditCommand {
  /** Every command, in the order of the help. */
  private static final List<String> NAMES =
      List.of(
          "serve",
          "demo",
          "load",
          "scan",
          "import",
          "open",
          "send",
          "alive",
          "end",
          "cancel",
          "resume",
          "ls",
          "show",
          "watch",
          "wait",
          "files",
          "reconcile",
          "tail",
          "check",
          "verify",
          "checkpoint",
          "key",
          "keys",
          "doctor",
          "completion");

  private AuditCommand() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    CliLogging.quiet(arguments);
    Environment environment = Environment.ofProcess();
    int exitCode = run(Console.ofProcess(environment), environment, arguments);
    ServiceOptions.endThreads();
    System.exit(exitCode);
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
    // Help and completion are about all of them.
    return NAMES.contains(first) && !first.equals("completion")
        ? configured(
            new CommandLine(new AuditCommand()).addSubcommand(make(first, console, environment)),
            console)
        : all(console, environment);
  }

  /** The command line with all of its commands. */
  static CommandLine all(Console console, Environment environment) {
    CommandLine line = new CommandLine(new AuditCommand());
    NAMES.forEach(name -> line.addSubcommand(make(name, console, environment)));
    return configured(line, console);
  }

  private static Object make(String name, Console console, Environment environment) {
    return switch (name) {
      case "serve" -> new ServeCommand(console, environment);
      case "demo" -> new DemoCommand(console, environment);
      case "load" -> new LoadCommand(console, environment);
      case "scan" -> new ScanCommand(console, environment);
      case "import" -> new ImportCommand(console, environment);
      case "open" -> new OpenCommand(console, environment);
      case "send" -> new SendCommand(console, environment);
      case "alive" -> new AliveCommand(console, environment);
      case "end" -> new EndCommand(console, environment);
      case "cancel" -> new CancelCommand(console, environment);
      case "resume" -> new ResumeCommand(console, environment);
      case "ls" -> new LsCommand(console, environment);
      case "show" -> new ShowCommand(console, environment);
      case "watch" -> new WatchCommand(console, environment);
      case "wait" -> new WaitCommand(console, environment);
      case "files" -> new FilesCommand(console, environment);
      case "reconcile" -> new ReconcileCommand(console, environment);
      case "tail" -> new TailCommand(console, environment);
      case "check" -> new CheckCommand(console, environment);
      case "verify" -> new VerifyCommand(console, environment);
      case "checkpoint" -> new CheckpointCommand(console, environment);
      case "key" -> new KeyCommand(console, environment);
      case "keys" -> new KeysCommand(console, environment);
      case "doctor" -> new DoctorCommand(console, environment);
      case "completion" -> new CompletionCommand(console);
      default -> throw new IllegalArgumentException("no command " + name);
    };
  }

  /** Java's own reader tells of a class. */
  private static Duration duration(String text) {
    try {
      return Duration.parse(text);
    } catch (DateTimeParseException e) {
      throw new TypeConversionException(
          "\"" + text + "\" is no duration, expected one such as PT10M");
    }
  }

  private static UUID uuid(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException("\"" + text + "\" is no UUID");
    }
  }

  private static CommandLine configured(CommandLine line, Console console) {
    line.registerConverter(Duration.class, AuditCommand::duration);
    line.registerConverter(UUID.class, AuditCommand::uuid);
    CommandErrors errors = new CommandErrors(console);
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors)
        .setOut(console.outWriter())
        .setErr(console.errWriter());
  }
}
