package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionCommandTest {
  @TempDir Path directory;

  @Test
  void bashCompletesCommandsOptionsAndValues() throws Exception {
    assertThat(completed("audit", "rec")).containsExactly("reconcile");
    assertThat(completed("audit", "")).contains("serve", "open", "watch", "completion", "help");
    assertThat(completed("audit", "end", "--st")).containsExactly("--status");
    assertThat(completed("audit", "end", "--status", "")).contains("completed", "failed");
    assertThat(completed("audit", "ls", "-o", "j")).containsExactly("json", "jsonl");
    assertThat(completed("audit", "keys", "r")).containsExactly("revoke");
  }

  @Test
  void anotherShellIsRefused() {
    CommandRun.Result result = new CommandRun().run("completion", "fish");
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("expected one of", "[BASH, ZSH]");
  }

  /** What bash offers for the last word, asked as its readline asks. */
  private List<String> completed(String... words) throws Exception {
    CommandRun.Result script = new CommandRun().run("completion", "bash");
    assertThat(script.exitCode()).as(script.err()).isZero();
    StringBuilder asking = new StringBuilder(script.out());
    asking.append("compopt() { :; }\n"); // Outside of a completion bash refuses it.
    asking.append("COMP_WORDS=(");
    for (String word : words) {
      asking.append("'").append(word).append("' ");
    }
    asking.append(")\nCOMP_CWORD=").append(words.length - 1).append('\n');
    asking.append("COMP_LINE=\"${COMP_WORDS[*]}\"\nCOMP_POINT=${#COMP_LINE}\n");
    asking.append("$(complete -p audit | sed 's/.*-F \\([^ ]*\\) .*/\\1/') audit\n");
    asking.append("printf '%s\\n' \"${COMPREPLY[@]}\"\n");
    Path file = Files.writeString(directory.resolve("ask.bash"), asking);
    Process bash =
        new ProcessBuilder("bash", "--norc", file.toString()).redirectErrorStream(true).start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return said.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }
}
