package io.fileaudit.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.access.Principal;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeyLimitsTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - SECOND);
  private final Principal one = new Principal("1", "1", "one", Set.of(), Set.of(), null);
  private final Principal other = new Principal("2", "2", "other", Set.of(), Set.of(), null);

  private static int entered(KeyLimits limits, Principal who, int tries) {
    int in = 0;
    for (int i = 0; i < tries; i++) {
      if (limits.enter(who) == null) {
        in++;
        limits.leave(who);
      }
    }
    return in;
  }

  @Test
  void aSecondsWorthMayComeAtOnceAndThenAtTheRate() {
    KeyLimits limits = new KeyLimits(10, 100, now::get);

    assertThat(entered(limits, one, 30)).isEqualTo(10);
    assertThat(limits.enter(one)).isEqualTo(KeyLimits.Excess.RATE);
    now.addAndGet(SECOND / 10);
    assertThat(entered(limits, one, 30)).isEqualTo(1);
    now.addAndGet(SECOND / 2);
    assertThat(entered(limits, one, 30)).isEqualTo(5);
    now.addAndGet(SECOND * 100);
    assertThat(entered(limits, one, 30)).as("no more than a second's worth is saved").isEqualTo(10);
  }

  @Test
  void oneKeyCostsAnotherNothing() {
    KeyLimits limits = new KeyLimits(10, 1, now::get);

    assertThat(entered(limits, one, 30)).isEqualTo(10);
    assertThat(entered(limits, other, 30)).isEqualTo(10);
  }

  @Test
  void openRequestsAreBoundedUntilTheyEnd() {
    KeyLimits limits = new KeyLimits(1_000, 2, now::get);

    assertThat(limits.enter(one)).isNull();
    assertThat(limits.enter(one)).isNull();
    assertThat(limits.enter(one)).isEqualTo(KeyLimits.Excess.CONCURRENCY);
    assertThat(limits.enter(other)).isNull();
    limits.leave(one);
    assertThat(limits.enter(one)).isNull();
    assertThat(limits.enter(one)).isEqualTo(KeyLimits.Excess.CONCURRENCY);
  }

  @Test
  void manyKeysLeaveNothingBehindAndThoseInUseAreKept() {
    KeyLimits limits = new KeyLimits(10, 1, now::get);
    assertThat(limits.enter(one)).isNull();
    for (int i = 0; i < 30_000; i++) {
      now.addAndGet(SECOND);
      Principal next = new Principal("n" + i, "n" + i, "n", Set.of(), Set.of(), null);
      assertThat(limits.enter(next)).isNull();
      limits.leave(next);
    }

    assertThat(limits.size()).isLessThanOrEqualTo(10_001);
    assertThat(limits.enter(one)).isEqualTo(KeyLimits.Excess.CONCURRENCY);
  }
}
