package io.fileaudit.server.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GlobsTest {
  @TempDir Path directory;

  @BeforeEach
  void files() throws Exception {
    for (String name : List.of("in/b.csv", "in/a.csv", "in/.c.csv", "on/a.csv", "[x].csv")) {
      Files.createDirectories(directory.resolve(name).getParent());
      Files.writeString(directory.resolve(name), "1\n");
    }
  }

  @Test
  void globsAreSpelledOutByName() throws Exception {
    assertThat(expand("in/*.csv")).containsExactly("in/a.csv", "in/b.csv");
    assertThat(expand("?n/a.*", "in")).containsExactly("in/a.csv", "on/a.csv", "in");
    assertThat(expand("{in,on}/a.csv")).containsExactly("in/a.csv", "on/a.csv");
    assertThat(expand(directory + "/i*/b.csv")).containsExactly(directory + "/in/b.csv");
    assertThat(expand("in/.*.csv")).containsExactly("in/.c.csv");
  }

  @Test
  void whatIsThereByItsNameIsNoGlob() throws Exception {
    assertThat(expand("[x].csv")).containsExactly("[x].csv");
    assertThat(expand("not there")).as("said of the file itself").containsExactly("not there");
  }

  @Test
  void globThatMatchesNothingIsSaid() {
    assertThatThrownBy(() -> expand("in/*.txt")).hasMessageContaining("in/*.txt matches no file");
    assertThatThrownBy(() -> expand("in/a.csv/*")).hasMessageContaining("matches no file");
  }

  private List<String> expand(String... arguments) throws Exception {
    return Globs.expand(directory, List.of(arguments));
  }
}
