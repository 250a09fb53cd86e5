package io.fileaudit.core.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitAction;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.LimitView;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How limits come about, from when they run, and how they are shown. */
class LimitRulesTest {
  private static final Instant OPENED = Instant.parse("2026-11-23T14:00:00Z");

  private static Limits own(LimitName name, Limit limit) {
    return Limits.INHERITED.with(name, limit);
  }

  private static Limit resolved(Limits own, LimitName name) {
    return LimitRules.resolve(own, LimitRules.DEFAULTS).get(name);
  }

  @Test
  void defaultsAreOneHourAndHalfHours() {
    assertThat(LimitRules.resolve(Limits.INHERITED, LimitRules.DEFAULTS))
        .isEqualTo(
            new Limits(
                Limit.endAfter(Duration.parse("PT1H")),
                Limit.endAfter(Duration.parse("PT30M")),
                Limit.endAfter(Duration.parse("PT30M")),
                Limit.flagAfter(Duration.parse("PT30M"))));
  }

  @ParameterizedTest
  @EnumSource
  void ownLimitReplacesTheInheritedOneAlone(LimitName name) {
    Limit set = new Limit(Duration.ofMinutes(29), LimitAction.FLAG);

    Limits all = LimitRules.resolve(own(name, set), LimitRules.DEFAULTS);

    assertThat(all.get(name)).isEqualTo(set);
    for (LimitName other : LimitName.values()) {
      boolean clipped = name == LimitName.OPERATION && other != LimitName.START;
      if (other != name && !clipped) {
        assertThat(all.get(other)).isEqualTo(LimitRules.DEFAULTS.get(other));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyLimitCanBeOff(LimitName name) {
    assertThat(resolved(own(name, Limit.off()), name)).isEqualTo(Limit.off());
  }

  @Test
  void timeAloneKeepsTheInheritedAction() {
    Limit tenMinutes = new Limit(Duration.ofMinutes(10), null);

    assertThat(resolved(own(LimitName.PROGRESS, tenMinutes), LimitName.PROGRESS))
        .isEqualTo(Limit.flagAfter(Duration.ofMinutes(10)));
    assertThat(resolved(own(LimitName.IDLE, tenMinutes), LimitName.IDLE))
        .isEqualTo(Limit.endAfter(Duration.ofMinutes(10)));
  }

  @Test
  void actionAloneKeepsTheInheritedTime() {
    assertThat(resolved(own(LimitName.IDLE, new Limit(null, LimitAction.FLAG)), LimitName.IDLE))
        .isEqualTo(Limit.flagAfter(Duration.ofMinutes(30)));
  }

  @Test
  void limitThatIsOffByDefaultCanBeSwitchedOn() {
    Limits inherited = LimitRules.DEFAULTS.with(LimitName.IDLE, Limit.off());
    Limits own = own(LimitName.IDLE, new Limit(Duration.ofMinutes(5), null));

    assertThat(LimitRules.resolve(own, inherited).idle())
        .isEqualTo(Limit.endAfter(Duration.ofMinutes(5)));
  }

  @Test
  void switchingOnNeedsATime() {
    Limits inherited = LimitRules.DEFAULTS.with(LimitName.IDLE, Limit.off());
    Limits own = own(LimitName.IDLE, new Limit(null, LimitAction.END));

    assertThat(refused(own, inherited).detail()).contains("after");
  }

  @Test
  void inheritedLimitsAreClippedToAnExplicitOperation() {
    Limits own = own(LimitName.OPERATION, Limit.endAfter(Duration.ofMinutes(5)));

    Limits all = LimitRules.resolve(own, LimitRules.DEFAULTS);

    assertThat(all.operation()).isEqualTo(Limit.endAfter(Duration.ofMinutes(5)));
    assertThat(all.idle()).isEqualTo(Limit.endAfter(Duration.ofMinutes(5)));
    assertThat(all.progress()).isEqualTo(Limit.flagAfter(Duration.ofMinutes(5)));
  }

  @ParameterizedTest
  @EnumSource(
      value = LimitName.class,
      names = {"IDLE", "PROGRESS"})
  void inheritedOperationMakesRoomForAnExplicitWait(LimitName name) {
    Limits own = own(name, Limit.endAfter(Duration.ofHours(2)));

    Limits all = LimitRules.resolve(own, LimitRules.DEFAULTS);

    assertThat(all.get(name).after()).isEqualTo(Duration.ofHours(2));
    assertThat(all.operation()).isEqualTo(Limit.endAfter(Duration.ofHours(2)));
  }

  @ParameterizedTest
  @EnumSource(
      value = LimitName.class,
      names = {"IDLE", "PROGRESS"})
  void explicitContradictionIsRefusedAndBothAreNamed(LimitName name) {
    Limits own =
        own(LimitName.OPERATION, Limit.endAfter(Duration.ofMinutes(5)))
            .with(name, Limit.endAfter(Duration.ofMinutes(6)));

    assertThat(refused(own, LimitRules.DEFAULTS).detail())
        .contains("limits." + name.wireName(), "PT6M", "limits.operation", "PT5M");
  }

  @Test
  void equalLimitsAreNoContradiction() {
    Limits own =
        own(LimitName.OPERATION, Limit.endAfter(Duration.ofMinutes(5)))
            .with(LimitName.IDLE, Limit.endAfter(Duration.ofMinutes(5)))
            .with(LimitName.PROGRESS, Limit.endAfter(Duration.ofMinutes(5)));

    assertThat(LimitRules.resolve(own, LimitRules.DEFAULTS).idle().after())
        .isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void nothingContradictsALimitThatIsOff() {
    Limits own =
        own(LimitName.OPERATION, Limit.off())
            .with(LimitName.IDLE, Limit.endAfter(Duration.ofDays(9)));

    Limits all = LimitRules.resolve(own, LimitRules.DEFAULTS);

    assertThat(all.operation()).isEqualTo(Limit.off());
    assertThat(all.idle()).isEqualTo(Limit.endAfter(Duration.ofDays(9)));
  }

  private static AuditException refused(Limits own, Limits inherited) {
    AuditException error =
        catchThrowableOfType(AuditException.class, () -> LimitRules.resolve(own, inherited));
    assertThat(error).isNotNull();
    assertThat(error.type()).isEqualTo(ProblemType.INVALID_REQUEST);
    return error;
  }

  private static BatchState state(
      BatchStatus status, Instant started, Instant active, Instant progressed) {
    return new BatchState(
        status, 1, Trees.of(0), 1, OPENED, started, null, active, progressed, Tally.ZERO, null);
  }

  @Test
  void beforeTheFirstEventOnlyTheStartLimitRuns() {
    BatchState pending = state(BatchStatus.PENDING, null, OPENED.plusSeconds(5), null);

    assertThat(LimitRules.runsFrom(LimitName.START, pending)).isEqualTo(OPENED);
    assertThat(LimitRules.runsFrom(LimitName.OPERATION, pending)).isNull();
    assertThat(LimitRules.runsFrom(LimitName.IDLE, pending)).isNull();
    assertThat(LimitRules.runsFrom(LimitName.PROGRESS, pending)).isNull();
  }

  @Test
  void resumedRunIsHeldToTheStartLimitAgain() {
    BatchState resumed = state(BatchStatus.RUNNING, null, null, null);

    assertThat(LimitRules.runsFrom(LimitName.START, resumed)).isEqualTo(OPENED);
    assertThat(LimitRules.runsFrom(LimitName.OPERATION, resumed)).isNull();
  }

  @Test
  void afterTheFirstEventEachLimitRunsFromItsOwnTime() {
    BatchState running =
        state(
            BatchStatus.RUNNING,
            OPENED.plusSeconds(1),
            OPENED.plusSeconds(9),
            OPENED.plusSeconds(4));

    assertThat(LimitRules.runsFrom(LimitName.START, running)).isNull();
    assertThat(LimitRules.runsFrom(LimitName.OPERATION, running)).isEqualTo(OPENED.plusSeconds(1));
    assertThat(LimitRules.runsFrom(LimitName.IDLE, running)).isEqualTo(OPENED.plusSeconds(9));
    assertThat(LimitRules.runsFrom(LimitName.PROGRESS, running)).isEqualTo(OPENED.plusSeconds(4));
  }

  @Test
  void noProgressCountsFromTheStartWhereNothingHasMoved() {
    BatchState running =
        state(BatchStatus.RUNNING, OPENED.plusSeconds(3), OPENED.plusSeconds(3), null);

    assertThat(LimitRules.runsFrom(LimitName.PROGRESS, running)).isEqualTo(OPENED.plusSeconds(3));
  }

  @ParameterizedTest
  @EnumSource
  void nothingRunsOnceItHasEnded(LimitName name) {
    BatchState ended = state(BatchStatus.CANCELLED, OPENED, OPENED, OPENED);

    assertThat(LimitRules.runsFrom(name, ended)).isNull();
  }

  @Test
  void viewShowsWhatIsLeft() {
    Limits limits =
        LimitRules.DEFAULTS
            .with(LimitName.IDLE, Limit.endAfter(Duration.ofSeconds(10)))
            .with(LimitName.PROGRESS, Limit.off());
    BatchState running = state(BatchStatus.RUNNING, OPENED, OPENED.plusSeconds(60), OPENED);

    Map<String, LimitView> view =
        LimitRules.view(limits, running, List.of(), OPENED.plusMillis(70_500));

    assertThat(view.keySet()).containsExactly("operation", "idle", "start", "progress");
    assertThat(view.get("operation"))
        .isEqualTo(new LimitView(Duration.ofHours(1), LimitAction.END, 3_529.5));
    assertThat(view.get("idle"))
        .as("negative when over")
        .isEqualTo(new LimitView(Duration.ofSeconds(10), LimitAction.END, -0.5));
    assertThat(view.get("start"))
        .isEqualTo(new LimitView(Duration.ofMinutes(30), LimitAction.END, null));
    assertThat(view.get("progress")).isEqualTo(new LimitView(null, LimitAction.OFF, null));
  }
}
