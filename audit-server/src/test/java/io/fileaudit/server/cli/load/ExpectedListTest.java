package io.fileaudit.server.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.ExpectedFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpectedListTest {
  @Test
  void listIsNamesOrNamesWithFigures() throws IOException {
    assertThat(read("a.csv\n\nb c.csv\r\n"))
        .containsExactly(
            new ExpectedFile("a.csv", null, null, null),
            new ExpectedFile("b c.csv", null, null, null));
    assertThat(read("name,rows,bytes,checksum\na.csv,3,,\n\"b,c\",,17,sha256:00\n"))
        .containsExactly(
            new ExpectedFile("a.csv", 3L, null, null),
            new ExpectedFile("b,c", null, 17L, "sha256:00"));
    assertThat(read("name\n")).as("a file of that name").hasSize(1);
    assertThat(read("")).isEmpty();
  }

  @Test
  void wrongLineIsNamed() {
    assertThatThrownBy(() -> read("a\nb,many\n")).hasMessageContaining("line 2: rows is \"many\"");
    assertThatThrownBy(() -> read("a,1,2,3,4\n")).hasMessageContaining("line 1");
    assertThatThrownBy(() -> read("a\n,1\n")).hasMessageContaining("line 2");
    assertThatThrownBy(() -> read("\"a\n")).hasMessageContaining("line 1");
  }

  private static List<ExpectedFile> read(String text) throws IOException {
    return ExpectedList.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }
}
