package io.fileaudit.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.ingest.Received;
import io.fileaudit.core.ingest.RecordIngest.Refused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What becomes of records that were not accepted. */
class DeadLettersTest {
  private final List<Outgoing> sent = new ArrayList<>();

  /** Keeps what it is given. */
  private final RecordLog log =
      new RecordLog() {
        @Override
        public Flux<Polled> receive() {
          return Flux.never();
        }

        @Override
        public Mono<Void> send(String topic, List<Outgoing> records) {
          return Mono.fromRunnable(() -> sent.addAll(records));
        }

        @Override
        public Mono<Standing> standing() {
          return Mono.never();
        }

        @Override
        public Mono<Void> close() {
          return Mono.empty();
        }
      };

  private Outgoing letter(int keyBytes, int valueBytes) {
    byte[] key = new byte[keyBytes];
    byte[] value = new byte[valueBytes];
    Arrays.fill(key, (byte) 'k');
    Arrays.fill(value, (byte) 'v');
    Received record = new Received("kafka:t/3", "events", 3, 17, key, value);
    Refusal refusal = Refusal.of(17, ProblemType.TOO_LARGE, "longer than 64 KiB");
    new DeadLetters(log, "dead").send(List.of(new Refused(record, refusal))).block();
    assertThat(sent).hasSize(1);
    return sent.remove(0);
  }

  @Test
  void recordIsSentWordForWord() {
    Outgoing letter = letter(36, DeadLetters.LONGEST_VALUE);

    assertThat(letter.key()).hasSize(36);
    assertThat(letter.value()).hasSize(DeadLetters.LONGEST_VALUE);
    assertThat(letter.headers())
        .containsEntry("audit-topic", "events")
        .containsEntry("audit-partition", "3")
        .containsEntry("audit-offset", "17")
        .containsEntry("audit-type", "too-large")
        .containsEntry("audit-detail", "longer than 64 KiB")
        .doesNotContainKeys("audit-value-bytes", "audit-key-bytes");
  }

  @Test
  void ofWhatNoBrokerWouldTakeTheBeginningIsSent() {
    Outgoing letter = letter(DeadLetters.LONGEST_KEY + 1, 1_000_000);

    assertThat(letter.key()).hasSize(DeadLetters.LONGEST_KEY).containsOnly('k');
    assertThat(letter.value()).hasSize(DeadLetters.LONGEST_VALUE).containsOnly('v');
    assertThat(letter.headers())
        .containsEntry("audit-value-bytes", "1000000")
        .containsEntry("audit-key-bytes", String.valueOf(DeadLetters.LONGEST_KEY + 1));
  }
}
