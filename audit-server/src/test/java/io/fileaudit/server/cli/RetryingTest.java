package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetryingTest {
  private static final AuditException AWAY =
      new AuditException(ProblemType.UNAVAILABLE, "starting");

  private final List<String> said = new ArrayList<>();
  private long now;

  @Test
  void pausesGrowToABoundAndEndWithTheErrorWhenTheTimeIsOver() {
    Retrying retrying = new Retrying(Duration.ofMinutes(1), said::add, () -> now);
    long longest = 0;
    for (int i = 0; i < 11; i++) {
      long pause = retrying.pauseAfter(AWAY).toMillis();
      assertThat(pause).isBetween(150L, 5_000L);
      longest = Math.max(longest, pause);
      now += Duration.ofSeconds(5).toNanos();
    }
    assertThat(longest).isGreaterThanOrEqualTo(3_750);
    now += Duration.ofSeconds(6).toNanos();
    assertThatThrownBy(() -> retrying.pauseAfter(AWAY)).isSameAs(AWAY);
    assertThat(said).containsExactly("reconnecting … (starting)");
  }

  @Test
  void timeCountsFromTheFirstFailureAfterASuccess() {
    Retrying retrying = new Retrying(Duration.ofMinutes(1), said::add, () -> now);
    assertThat(retrying.pauseAfter(AWAY)).isPositive();
    now += Duration.ofMinutes(2).toNanos();
    retrying.succeeded();
    retrying.succeeded();
    assertThat(retrying.pauseAfter(AWAY)).isLessThanOrEqualTo(Duration.ofMillis(200));
    assertThat(said)
        .containsExactly(
            "reconnecting … (starting)", "the service answers again", "reconnecting … (starting)");
  }

  @ParameterizedTest
  @EnumSource(
      value = ProblemType.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"UNAVAILABLE", "TOO_MANY_REQUESTS", "INTERNAL", "REQUEST_TIMEOUT"})
  void whatWouldBeAnsweredTheSameAgainIsNotTriedAgain(ProblemType type) {
    Retrying retrying = new Retrying(Duration.ofMinutes(1), said::add, () -> now);
    AuditException error = new AuditException(type, "no");
    assertThatThrownBy(
            () ->
                retrying.of(
                    () -> {
                      throw error;
                    }))
        .isSameAs(error);
    assertThat(said).isEmpty();
  }
}
