package io.fileaudit.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.ingest.EventReader;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Sinks;

/** A stream that is cut off ends between two lines. */
class WholeLinesTest {
  private final Sinks.Many<byte[]> body = Sinks.many().unicast().onBackpressureBuffer();
  private final Sinks.Empty<Void> cut = Sinks.empty();
  private final ByteArrayOutputStream given = new ByteArrayOutputStream();

  private void send(String text) {
    body.tryEmitNext(text.getBytes(StandardCharsets.UTF_8)).orThrow();
  }

  private void begin() {
    WholeLines.until(body.asFlux(), cut.asMono()).subscribe(given::writeBytes);
  }

  @Test
  void lineThatIsBegunWhenItIsCutIsLeftOut() {
    begin();
    send("one\ntwo\nthr");
    send("ee");

    cut.tryEmitEmpty().orThrow();

    assertThat(given.toString(StandardCharsets.UTF_8)).isEqualTo("one\ntwo\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\ufeff"})
  void longestLineThatIsReadIsHeldToItsEnd(String mark) {
    char[] longest = new char[EventReader.MAX_LINE_BYTES];
    Arrays.fill(longest, 'x');
    begin();
    send(mark + new String(longest));
    send("\r");
    assertThat(given.size()).isZero();

    send("\n");

    assertThat(given.toString(StandardCharsets.UTF_8))
        .isEqualTo(mark + new String(longest) + "\r\n");
  }

  @Test
  void lineWithoutEndAtTheEndOfTheStreamIsGiven() {
    begin();
    send("one\ntwo");

    body.tryEmitComplete().orThrow();

    assertThat(given.toString(StandardCharsets.UTF_8)).isEqualTo("one\ntwo");
  }
}
