package io.fileaudit.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.table.NewExpectation;
import io.fileaudit.api.table.TableExpectation;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** What every store of expectations does. Something is due each full second. */
public abstract class ExpectationsContract implements StoreContract {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Schedule EACH_SECOND =
      time -> time.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);

  private StoreDriver driver;

  /** The store under test. */
  protected abstract ExpectationStore expectations();

  /** Lets the store's clock go on. */
  protected abstract void pass(Duration time);

  @BeforeEach
  void begin() {
    driver = driver();
  }

  private TableExpectation put(String table, Duration grace) {
    NewExpectation wanted = new NewExpectation("* * * * * *", "UTC", grace);
    return driver.answer(
        expectations().put(driver.namespace, table, wanted, "tester", EACH_SECOND));
  }

  private List<ExpectationStore.Held> passed() {
    return driver.all(expectations().passed(1_000)).stream()
        .filter(held -> held.namespace().equals(driver.namespace))
        .toList();
  }

  private TableExpectation judge(ExpectationStore.Held held) {
    return expectations().judge(held, EACH_SECOND).block(StoreDriver.PATIENCE);
  }

  private void open(String table) {
    driver.open(BatchSpec.builder().table(table).build());
  }

  @Test
  void whatIsSetIsShownAndTakenAway() {
    TableExpectation set = put("t", Duration.ofMinutes(90));

    assertThat(set.schedule()).isEqualTo("* * * * * *");
    assertThat(set.grace()).isEqualTo(Duration.ofMinutes(90));
    assertThat(set.createdBy()).isEqualTo("tester");
    assertThat(set.nextDueAt()).isEqualTo(EACH_SECOND.after(set.createdAt()));
    assertThat(set.overdueSince()).isNull();
    assertThat(driver.answer(expectations().find(driver.namespace, "t"))).isEqualTo(set);
    put("s", Duration.ZERO);
    assertThat(driver.all(expectations().list(driver.namespace, null)))
        .extracting(TableExpectation::table)
        .containsExactly("s", "t");
    assertThat(driver.answer(expectations().remove(driver.namespace, "t"))).isTrue();
    assertThat(driver.answer(expectations().remove(driver.namespace, "t"))).isFalse();
    assertThat(expectations().find(driver.namespace, "t").block(StoreDriver.PATIENCE)).isNull();
  }

  @Test
  void tableThatWasNeverOpenedIsOverdueOnceUntilItIs() {
    TableExpectation set = put("t", Duration.ZERO);
    assertThat(passed()).isEmpty();
    pass(SECOND.plusMillis(50));

    List<ExpectationStore.Held> over = passed();
    assertThat(over).hasSize(1);
    TableExpectation late = judge(over.get(0));

    assertThat(late.overdueSince()).isEqualTo(set.nextDueAt());
    assertThat(late.nextDueAt()).isEqualTo(set.nextDueAt().plusSeconds(1));
    assertThat(judge(over.get(0))).as("looked at before").isNull();
    assertThat(driver.all(expectations().list(driver.namespace, true))).hasSize(1);
    open("t");
    assertThat(driver.all(expectations().list(driver.namespace, true))).isEmpty();
    assertThat(driver.all(expectations().list(driver.namespace, false))).hasSize(1);
  }

  @Test
  void tableThatWasOpenedInTimeIsNot() {
    put("t", Duration.ofMillis(300));
    driver.openBelow(driver.open(BatchSpec.builder().table("other").build()));
    open("t");
    pass(SECOND);
    pass(Duration.ofMillis(350));

    TableExpectation judged = judge(passed().get(0));

    assertThat(judged.overdueSince()).isNull();
  }

  @Test
  void aBatchMeetsOneDueTimeAndNoOther() {
    Duration grace = Duration.ofSeconds(3); // Enough for a busy machine to open one within it.
    TableExpectation set = put("t", grace);
    passUntil(set.nextDueAt().plusMillis(100));
    open("t");
    passUntil(set.nextDueAt().plus(grace).plusMillis(50));
    TableExpectation met = judge(passed().get(0));
    assertThat(met.overdueSince()).as("opened within the grace").isNull();

    passUntil(met.nextDueAt().plus(grace).plusMillis(50));

    assertThat(judge(passed().get(0)).overdueSince())
        .as("nothing was opened for that one")
        .isEqualTo(met.nextDueAt());
  }

  @Test
  void aBatchThatComesLateEndsTheAbsenceAndMeetsNothingElse() {
    TableExpectation set = put("t", Duration.ZERO);
    passUntil(set.nextDueAt().plusMillis(50));
    judge(passed().get(0));
    open("t");
    driver.answer(expectations().settle().thenReturn(true));
    assertThat(driver.all(expectations().list(driver.namespace, true))).isEmpty();
    passUntil(set.nextDueAt().plusSeconds(1).plusMillis(50));

    assertThat(judge(passed().get(0)).overdueSince()).isEqualTo(set.nextDueAt().plusSeconds(1));
  }

  @Test
  void whoeverStaysAwayIsOverdueSinceTheFirstTime() {
    TableExpectation set = put("t", Duration.ZERO);
    for (int i = 0; i < 3; i++) {
      passUntil(set.nextDueAt().plusSeconds(i).plusMillis(50));
      assertThat(judge(passed().get(0)).overdueSince()).isEqualTo(set.nextDueAt());
    }
  }

  /** Lets the store's clock go on to that time at least. */
  private void passUntil(Instant time) {
    Duration left = Duration.between(storeNow(), time);
    if (!left.isNegative()) {
      pass(left);
    }
  }

  private Instant storeNow() {
    return driver.find(driver.open()).now();
  }

  @Test
  void graceIsWaitedFor() {
    TableExpectation set = put("t", Duration.ofHours(1));
    pass(SECOND.plusMillis(50));

    assertThat(passed()).isEmpty();
    assertThat(judge(new ExpectationStore.Held(driver.namespace, set))).isNull();
  }

  @Test
  void ofManyWhoLookOneFinds() {
    put("t", Duration.ZERO);
    pass(SECOND.plusMillis(50));
    ExpectationStore.Held over = passed().get(0);

    Long found =
        Flux.range(0, 8)
            .flatMap(
                i -> expectations().judge(over, EACH_SECOND).subscribeOn(Schedulers.parallel()))
            .count()
            .block(StoreDriver.PATIENCE);

    assertThat(Objects.requireNonNull(found)).isEqualTo(1);
  }

  @Test
  void settingAnewForgetsWhatWasOverdue() {
    put("t", Duration.ZERO);
    pass(SECOND.plusMillis(50));
    judge(passed().get(0));

    TableExpectation anew = put("t", Duration.ofHours(1));

    assertThat(anew.overdueSince()).isNull();
    assertThat(anew.nextDueAt()).isAfter(Instant.EPOCH);
  }
}
