package io.fileaudit.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * The store in memory keeps the contract; its clock can be set, so that what it says of times can
 * be told exactly.
 */
class MemoryAuditStoreTest extends AuditStoreContract {
  private static final Instant START = Instant.parse("2026-11-23T14:00:00.123456789Z");
  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final AuditStore store = new MemoryAuditStore(now::get);

  @Override
  public AuditStore store() {
    return store;
  }

  private void pass(Duration time) {
    now.updateAndGet(before -> before.plus(time));
  }

  private static Instant after(int seconds) {
    return Instant.parse("2026-11-23T14:00:00.123456Z").plusSeconds(seconds);
  }

  @Test
  void repeatIsActivityAndNotProgress() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    pass(Duration.ofSeconds(10));
    driver.send(key, Lines.started("a", "id", "x"));
    pass(Duration.ofSeconds(10));
    driver.send(key, Lines.started("a", "id", "x"));

    BatchState state = driver.find(key).state();

    assertThat(state.startedAt()).isEqualTo(after(10));
    assertThat(state.lastActivityAt()).isEqualTo(after(20));
    assertThat(state.lastProgressAt()).isEqualTo(after(10));
  }

  @Test
  void eventThatChangesNoManifestIsActivityAndNotProgress() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.progress("a", 100));
    pass(Duration.ofSeconds(10));

    assertThat(driver.send(key, Lines.progress("a", 90)).accepted()).isEqualTo(1);

    assertThat(driver.find(key).state().lastActivityAt()).isEqualTo(after(10));
    assertThat(driver.find(key).state().lastProgressAt()).isEqualTo(after(0));
  }

  @Test
  void heartbeatIsActivityAndNotProgress() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.started("a"));
    pass(Duration.ofSeconds(10));

    driver.send(key, Lines.HEARTBEAT);

    assertThat(driver.find(key).state().lastActivityAt()).isEqualTo(after(10));
    assertThat(driver.find(key).state().lastProgressAt()).isEqualTo(after(0));
  }

  @Test
  void whatIsRefusedIsNoActivity() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.started("a", "id", "x"));
    pass(Duration.ofSeconds(10));

    driver.send(key, "not JSON", Lines.failed("a", "id", "x"));
    driver.send(key, 2, null, Lines.started("a", "id", "x"), Lines.started("b"));

    assertThat(driver.find(key).state().lastActivityAt()).isEqualTo(after(0));
  }

  @Test
  void timesAreKeptToTheMicrosecond() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();
    driver.send(key, Lines.started("a"));

    assertThat(driver.find(key).openedAt()).isEqualTo(after(0));
    assertThat(driver.file(key, "a").startedAt()).isEqualTo(after(0));
    assertThat(Lines.parse(driver.ledger(key).get(0)))
        .containsEntry("recorded_at", "2026-11-23T14:00:00.123456Z");
  }

  @Test
  void eventMayBeAnHourAheadAndNotMore() {
    StoreDriver driver = driver();
    BatchKey key = driver.open();

    var ack =
        driver.send(
            key,
            Lines.started("a", "at", "2026-11-23T15:00:00.123456Z"),
            Lines.started("b", "at", "2026-11-23T15:00:00.123457Z"));

    assertThat(ack.refusals()).extracting("line").containsExactly(2L);
  }
}
