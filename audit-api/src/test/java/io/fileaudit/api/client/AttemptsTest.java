package io.fileaudit.api.client;

import static io.fileaudit.api.event.EventType.COMPLETED;
import static io.fileaudit.api.event.EventType.DISCOVERED;
import static io.fileaudit.api.event.EventType.FAILED;
import static io.fileaudit.api.event.EventType.PROGRESS;
import static io.fileaudit.api.event.EventType.SKIPPED;
import static io.fileaudit.api.event.EventType.STARTED;
import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptsTest {
  private final Attempts attempts = new Attempts();

  private List<Integer> of(String file, EventType... types) {
    return Arrays.stream(types).map(type -> attempts.of(FileEvent.of(type, file).build())).toList();
  }

  @Test
  void whatHappensInOneTryIsOneAttempt() {
    assertThat(of("a", DISCOVERED, STARTED, PROGRESS, PROGRESS, COMPLETED))
        .containsExactly(1, 1, 1, 1, 1);
  }

  @Test
  void startingAgainIsTheNextAttempt() {
    assertThat(of("a", STARTED, FAILED, STARTED, COMPLETED)).containsExactly(1, 1, 2, 2);
    assertThat(of("b", STARTED, STARTED, PROGRESS)).containsExactly(1, 2, 2);
  }

  @Test
  void whatComesAfterAnEndingIsTheNextAttemptEvenWithoutAStart() {
    assertThat(of("a", FAILED, COMPLETED, SKIPPED)).containsExactly(1, 2, 3);
    assertThat(of("b", FAILED, PROGRESS, FAILED)).containsExactly(1, 2, 2);
  }

  @Test
  void anEndingWithoutAStartIsTheFirstAttempt() {
    assertThat(of("a", PROGRESS, COMPLETED)).containsExactly(1, 1);
  }

  @Test
  void filesAreCountedApart() {
    assertThat(of("a", FAILED, STARTED)).containsExactly(1, 2);
    assertThat(of("b", STARTED)).containsExactly(1);
  }

  @Test
  void anAttemptThatTheLoaderNamesStandsAndIsCountedOnFrom() {
    assertThat(attempts.of(FileEvent.of(FAILED, "a").attempt(7).build())).isEqualTo(7);
    assertThat(of("a", STARTED)).containsExactly(8);
  }

  @Test
  void attemptsFromBeforeAreCountedOnFrom() {
    attempts.ended("a", 3);
    assertThat(of("a", STARTED, COMPLETED)).containsExactly(4, 4);
  }
}
