package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Holds docs/command-line.md, the README and the help of each command against each other. */
class CommandLinePageTest {
  private static final Path DOCS = Path.of("..", "docs", "command-line.md");
  private static final Path README = Path.of("..", "README.md");
  private static final Pattern HELP =
      Pattern.compile(
          "(?m)^### audit ([a-z]+(?: [a-z]+)?)\\n(?:.*\\n)*?```text\\n((?:.*\\n)*?)```$");

  @Test
  void thePageHasTheHelpOfEveryCommandAndOfNoOther() throws IOException {
    Map<String, String> onPage = new TreeMap<>();
    Matcher help = HELP.matcher(Files.readString(DOCS));
    while (help.find()) {
      onPage.put(help.group(1), help.group(2));
    }
    Map<String, String> real = new TreeMap<>();
    commands()
        .forEach(
            command ->
                real.put(
                    command.getCommandSpec().qualifiedName(" ").substring("audit ".length()),
                    help(command)));
    assertThat(onPage.keySet()).isEqualTo(real.keySet());
    assertThat(onPage).isEqualTo(real);
  }

  @Test
  void exitCodesAreTheSameInTheProgramItsHelpThePageAndTheReadme() throws IOException {
    List<String> codes = new ArrayList<>();
    for (ExitCode code : ExitCode.values()) {
      codes.add(Integer.toString(code.code()));
    }
    assertThat(
            AuditCommand.all(TestConsole.silent(), new CommandRun().environment())
                .getCommandSpec()
                .usageMessage()
                .exitCodeList()
                .keySet())
        .containsExactlyElementsOf(codes);
    assertThat(Files.readAllLines(DOCS))
        .filteredOn(line -> line.matches("\\| [0-9]+ \\| .*"))
        .extracting(line -> line.split(" ")[1])
        .containsExactlyElementsOf(codes);
    String readme = Files.readString(README);
    String told = readme.substring(readme.indexOf("Exit codes:"));
    assertThat(
            told.substring(0, told.indexOf("\n\n")).replaceAll("[^0-9]+", " ").strip().split(" "))
        .containsExactlyElementsOf(codes);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpHasADescriptionOfEverythingAndAnExample(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    assertThat(spec.usageMessage().description()).isNotEmpty();
    assertThat(spec.options())
        .allSatisfy(
            option -> assertThat(option.description()).as(option.longestName()).isNotEmpty());
    assertThat(spec.positionalParameters())
        .allSatisfy(parameter -> assertThat(parameter.description()).isNotEmpty());
    boolean example =
        Stream.of(spec.usageMessage().footer()).anyMatch(line -> line.startsWith("  "))
            || !spec.parent().equals(spec.root());
    assertThat(example).as("an example in the help of %s", spec.qualifiedName()).isTrue();
    assertThat(help(command).lines()).allMatch(line -> line.length() <= 100);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void wordsForTheSameThingAreTheSame(CommandLine command) {
    for (OptionSpec option : command.getCommandSpec().options()) {
      assertThat(option.longestName()).matches("--[a-z]+(-[a-z]+)*");
    }
  }

  /** All commands and those below them, but for the library's own. */
  static Stream<CommandLine> commands() {
    return below(AuditCommand.all(TestConsole.silent(), new CommandRun().environment()));
  }

  private static Stream<CommandLine> below(CommandLine line) {
    return line.getSubcommands().values().stream()
        .distinct()
        .filter(command -> !(command.getCommand() instanceof CommandLine.HelpCommand))
        .flatMap(command -> Stream.concat(Stream.of(command), below(command)));
  }

  private static String help(CommandLine command) {
    return command.getUsageMessage(CommandLine.Help.Ansi.OFF);
  }
}
