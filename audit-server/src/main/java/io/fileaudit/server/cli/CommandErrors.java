package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.client.UndeliveredException;
import io.fileaudit.api.client.UnexpectedAnswerException;
import io.fileaudit.api.client.UnreachableException;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says on stderr why a command failed, in a line or two, and turns it into an exit code. */
final class CommandErrors implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final Console console;

  CommandErrors(Console console) {
    this.console = console;
  }

  @Override
  public int handleParseException(ParameterException error, String[] arguments) {
    CommandLine command = error.getCommandLine();
    say(String.valueOf(error.getMessage()));
    UnmatchedArgumentException.printSuggestions(error, command.getErr());
    console.say("Try `" + command.getCommandSpec().qualifiedName() + " --help`.");
    return ExitCode.USAGE.code();
  }

  @Override
  public int handleExecutionException(
      Exception error, CommandLine command, ParseResult parseResult) {
    return report(error).code();
  }

  /** Says what went wrong, and gives the exit code for it. */
  ExitCode report(Throwable error) {
    if (!(error instanceof Console.BrokenPipe)) {
      say(message(error));
    }
    return exitCode(error);
  }

  /** What went wrong, in words for people. */
  static String message(Throwable error) {
    if (error instanceof AuditException refused) {
      return refused.type().title() + ": " + refused.detail();
    }
    String message = error.getMessage();
    if (error instanceof CommandException
        || error instanceof UnreachableException
        || error instanceof UnexpectedAnswerException
        || error instanceof UndeliveredException) {
      return String.valueOf(message);
    }
    return "failed: "
        + (message == null ? error.toString() : message.lines().findFirst().orElse(""));
  }

  /** The exit code for it. */
  static ExitCode exitCode(Throwable error) {
    if (error instanceof Console.BrokenPipe) {
      return ExitCode.BROKEN_PIPE;
    }
    if (error instanceof CommandException known) {
      return known.exitCode();
    }
    if (error instanceof UnreachableException
        || error instanceof UnexpectedAnswerException
        || error instanceof UndeliveredException) {
      return ExitCode.UNREACHABLE;
    }
    return error instanceof AuditException refused ? of(refused) : ExitCode.INCOMPLETE;
  }

  private static ExitCode of(AuditException error) {
    if (error.type() == ProblemType.BATCH_ENDED && error.verdict() != null) {
      boolean timedOut = error.verdict().status() == BatchStatus.TIMED_OUT;
      return timedOut ? ExitCode.TIMED_OUT : ExitCode.INCOMPLETE;
    }
    return switch (error.type()) {
      case UNAUTHENTICATED, FORBIDDEN -> ExitCode.ACCESS;
      case NOT_FOUND, BAD_REQUEST, INVALID_REQUEST -> ExitCode.USAGE;
      case UNAVAILABLE, TOO_MANY_REQUESTS, INTERNAL -> ExitCode.UNREACHABLE;
      default -> ExitCode.INCOMPLETE;
    };
  }

  private void say(String message) {
    console.say(
        "audit: " + message.lines().map(Printable::of).reduce((a, b) -> a + "\n" + b).orElse(""));
  }
}
