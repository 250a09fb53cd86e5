package io.fileaudit.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a body was made of can be told from its text. */
class LedgerBodyTest {
  private static final String TRAP = ",\"position\":5,\\\",\\\"position\\\":6";
  private static final String EVENT =
      "{\"attributes\":{\"position\":7},\"file\":\"\\\\\\\",\\\"position\\\":8\",\"position\":9,\"type\":\"STARTED\"}";

  private static String body(String producer, @Nullable Long position, @Nullable String id) {
    LedgerBody bodies = new LedgerBody(new UUID(1, 2), producer, 1, Instant.EPOCH);
    byte[] body = bodies.event(3, EVENT.getBytes(StandardCharsets.UTF_8), position, id);
    return new String(body, StandardCharsets.UTF_8);
  }

  @Test
  void positionIsThatOfTheRowAndNoOther() {
    assertThat(LedgerBody.positionOf(body(TRAP, 17L, TRAP))).isEqualTo(17);
    assertThat(LedgerBody.positionOf(body(TRAP, 0L, null))).isZero();
    assertThat(LedgerBody.positionOf(body(TRAP, (1L << 53) - 1, TRAP))).isEqualTo((1L << 53) - 1);
    assertThat(LedgerBody.positionOf(body(TRAP, null, TRAP))).isNull();
  }

  @Test
  void eventIsWordForWordWhatWasSent() {
    String body = body(TRAP, 17L, TRAP);

    assertThat(LedgerBody.eventOf(body)).asString().isEqualTo(EVENT);
    assertThat(AuditJson.lenient().readTree(body).get("producer").asString()).isEqualTo(TRAP);
  }
}
