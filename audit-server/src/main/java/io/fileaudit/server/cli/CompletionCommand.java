package io.fileaudit.server.cli;

import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what a shell reads to complete commands and options. */
@Command(
    name = "completion",
    description = "Print what a shell reads to complete commands, options and their values.",
    footer = {
      "",
      "Examples:",
      "  source <(audit completion bash)",
      "  audit completion bash > ~/.local/share/bash-completion/completions/audit",
      "  audit completion zsh >> ~/.zshrc"
    })
final class CompletionCommand implements Callable<Integer> {
  /** A shell whose completion is known. */
  enum Shell {
    BASH,
    /** Reads what bash reads, by its own {@code bashcompinit}, which the script asks for. */
    ZSH;

    /** As it is typed. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Console console;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
  private Shell shell = Shell.BASH;

  CompletionCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    String script = AutoComplete.bash("audit", Objects.requireNonNull(spec).root().commandLine());
    script.lines().forEach(console::text);
    return ExitCode.COMPLETE.code();
  }
}
