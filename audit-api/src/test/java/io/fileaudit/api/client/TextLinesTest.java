package io.fileaudit.api.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

class TextLinesTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void linesAreTheSameHoweverTheBytesAreCut(long seed) {
    Random random = new Random(seed);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      lines.add("é€😀x".repeat(1 + random.nextInt(5)) + i);
    }
    byte[] bytes = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    List<byte[]> pieces = new ArrayList<>();
    for (int from = 0; from < bytes.length; ) {
      int to = Math.min(bytes.length, from + random.nextInt(40));
      pieces.add(Arrays.copyOfRange(bytes, from, to));
      from = to;
    }
    assertThat(read(pieces)).isEqualTo(lines);
  }

  @Test
  void blankLinesVanish() {
    assertThat(read(List.of("\n\r\n a\n \t\n\n".getBytes(StandardCharsets.UTF_8))))
        .containsExactly(" a");
  }

  private static List<String> read(List<byte[]> pieces) {
    return TextLines.of(Flux.fromIterable(pieces))
        .map(line -> new String(line, StandardCharsets.UTF_8))
        .collectList()
        .block();
  }
}
