package io.fileaudit.api.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RetryingTest {
  private static final UnreachableException AWAY = new UnreachableException("away", null);

  @Test
  void whatMayPassIsTriedAgainAndNothingElse() {
    Set<ProblemType> passing =
        EnumSet.of(
            ProblemType.REQUEST_TIMEOUT,
            ProblemType.TOO_MANY_REQUESTS,
            ProblemType.INTERNAL,
            ProblemType.UNAVAILABLE);
    for (ProblemType type : ProblemType.values()) {
      assertThat(TransientErrors.include(new AuditException(type, "")))
          .as(type.slug())
          .isEqualTo(passing.contains(type));
    }
    assertThat(TransientErrors.include(AWAY)).isTrue();
    assertThat(TransientErrors.include(new UnexpectedAnswerException(500, "", null))).isTrue();
    assertThat(TransientErrors.include(new UnexpectedAnswerException(200, "", null))).isFalse();
    assertThat(TransientErrors.include(new IllegalStateException())).isFalse();
  }

  @Test
  void pausesGrowToABoundAndAreJittered() {
    assertThat(Retrying.pause(1, AWAY, () -> 1)).isEqualTo(Duration.ofMillis(201));
    assertThat(Retrying.pause(2, AWAY, () -> 1)).isEqualTo(Duration.ofMillis(401));
    assertThat(Retrying.pause(2, AWAY, () -> 0.5)).isEqualTo(Duration.ofMillis(201));
    assertThat(Retrying.pause(2, AWAY, () -> 0)).isEqualTo(Duration.ofMillis(1));
    assertThat(Retrying.pause(1_000_000, AWAY, () -> 1)).isEqualTo(Duration.ofMillis(5_001));
  }

  @Test
  void nothingIsTriedAgainSoonerThanTheServiceSays() {
    AuditException busy =
        new AuditException(ProblemType.UNAVAILABLE, "").after(Duration.ofSeconds(7));

    assertThat(Retrying.pause(1, busy, () -> 0)).isGreaterThan(Duration.ofSeconds(7));
  }
}
