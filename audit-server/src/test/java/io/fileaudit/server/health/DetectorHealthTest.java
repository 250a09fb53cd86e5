package io.fileaudit.server.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class DetectorHealthTest {
  private double age = -1;
  private double uptime;
  private final DetectorHealth health =
      new DetectorHealth(new Detector(() -> age, Duration.ofSeconds(2), () -> uptime));

  private Health now() {
    return Objects.requireNonNull(health.health().block(Duration.ofSeconds(5)));
  }

  @Test
  void sweepMayBeFiveIntervalsAndAWhileOld() {
    age = 15;

    assertThat(now().getStatus()).isEqualTo(Status.UP);
    assertThat(now().getDetails()).containsEntry("bound_seconds", 15.0).doesNotContainKey("reason");
  }

  @Test
  void olderSweepIsDownAndSaysSinceWhen() {
    age = 61;

    assertThat(now().getStatus()).isEqualTo(Status.DOWN);
    assertThat(now().getDetails())
        .containsEntry(
            "reason",
            "the last sweep was made 61 s ago, expected one every 2.0 s: stuck batches are not found by this node");
  }

  @Test
  void nodeThatNeverSweptIsDownOnceItHasHadTheTime() {
    uptime = 14;
    assertThat(now().getStatus()).isEqualTo(Status.UP);

    uptime = 16;

    assertThat(now().getStatus()).isEqualTo(Status.DOWN);
    assertThat(String.valueOf(now().getDetails().get("reason"))).startsWith("no sweep");
  }
}
