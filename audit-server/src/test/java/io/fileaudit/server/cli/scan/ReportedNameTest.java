package io.fileaudit.server.cli.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportedNameTest {

  @ParameterizedTest
  @CsvSource({
    "636166c3a9, café",
    "f09f9880, 😀",
    "636166e9, caf\uFFFDE9",
    "e9, \uFFFDE9",
    "ff6162fe, \uFFFDFFab\uFFFDFE",
    "c3, \uFFFDC3",
    "eda080, \uFFFDED\uFFFDA0\uFFFD80",
    "c0af, \uFFFDC0\uFFFDAF",
    "61efbfbd, a\uFFFDEF\uFFFDBF\uFFFDBD",
  })
  void bytesThatAreNotUtf8AppearInHexadecimal(String bytes, String name) {
    assertThat(ReportedName.decode(HexFormat.of().parseHex(bytes))).isEqualTo(name);
  }

  @Test
  void differentBytesHaveDifferentNames() {
    Map<String, String> bytesByName = new HashMap<>();
    Random random = new Random(20240511);
    byte[] alphabet = HexFormat.of().parseHex("efbfbdc3a9e9ff454642");
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(7)];
      for (int b = 0; b < bytes.length; b++) {
        bytes[b] = alphabet[random.nextInt(alphabet.length)];
      }
      String hex = HexFormat.of().formatHex(bytes);

      String known = bytesByName.putIfAbsent(ReportedName.decode(bytes), hex);

      assertThat(known == null || known.equals(hex)).as("%s and %s", known, hex).isTrue();
    }
  }

  @Test
  void textIsLeftAsItIs() {
    String text = "a 'b' \"c\" \\d\te\n%41";

    assertThat(ReportedName.decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
    assertThat(ReportedName.of(Path.of(text))).isEqualTo(text);
    assertThat(ReportedName.of(Path.of("/x/" + text))).isEqualTo("/x/" + text);
  }
}
