package io.fileaudit.api.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.evidence.Verification.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A log that was signed is the log that is there, and what was dropped from it is named. */
class LogVerifierTest {
  private final List<LogLine> log = new ArrayList<>();

  private static String body(String kind, String batch) {
    return "{\"batch\":\"" + batch + "\",\"kind\":\"" + kind + "\",\"namespace\":\"n\"}";
  }

  private static Hash leaf(String body) {
    return Hash.leaf(body.getBytes(StandardCharsets.UTF_8));
  }

  private void entry(String kind, String batch, boolean there) {
    String body = body(kind, batch);
    log.add(new LogLine(log.size() + 1, leaf(body).base64(), body, false, there));
  }

  private void change(int index, @Nullable String leaf, @Nullable String body) {
    LogLine line = log.get(index);
    log.set(index, new LogLine(line.number(), leaf, body, line.hidden(), line.there()));
  }

  /** How the first entries were signed. */
  private Checkpoint signed(int size) {
    CompactRange.Growing tree = CompactRange.EMPTY.grow();
    log.subList(0, size).forEach(line -> tree.add(Hash.ofBase64(String.valueOf(line.leaf()))));
    return new Checkpoint("tests", size, tree.range().root());
  }

  private Verification verify(Checkpoint checkpoint) {
    LogVerifier verifier = new LogVerifier(checkpoint);
    log.forEach(verifier::add);
    return verifier.end();
  }

  private void three() {
    entry("opened", "a", true);
    entry("opened", "b", true);
    entry("ended", "a", true);
  }

  @Test
  void logThatIsWhatWasSignedIsIntactWhateverCameSince() {
    three();

    assertThat(verify(signed(3)).outcome()).isEqualTo(Outcome.INTACT);
    assertThat(verify(signed(2)).outcome()).isEqualTo(Outcome.INTACT);
    assertThat(verify(signed(0)).outcome()).isEqualTo(Outcome.INTACT);
  }

  @Test
  void entryThatWasChangedIsNamed() {
    three();
    Checkpoint checkpoint = signed(3);
    change(1, log.get(1).leaf(), body("opened", "c"));

    assertThat(verify(checkpoint).tampered().get(0))
        .startsWith(
            "entry 2 of the log, of the batch c of the namespace n, is not what was written");
  }

  @Test
  void keptLeafThatWasChangedIsToldApartFromAnEntry() {
    three();
    Checkpoint checkpoint = signed(3);
    change(1, leaf("x").base64(), log.get(1).body());

    assertThat(verify(checkpoint).tampered())
        .containsExactly(
            "what was kept of entry 2 of the log, of the batch b of the namespace n, was changed;"
                + " the entry itself is what it was");
  }

  @Test
  void entryThatIsGoneIsNamedInTheMiddleAndAtTheEnd() {
    three();
    Checkpoint checkpoint = signed(3);
    LogLine last = log.remove(2);
    assertThat(verify(checkpoint).tampered().get(0)).startsWith("entry 3 of the log is gone");
    log.add(last);
    log.remove(1);
    assertThat(verify(checkpoint).tampered().get(0)).startsWith("entry 2 of the log is gone");
  }

  @Test
  void batchThatIsGoneIsNamedUnlessItWasPurged() {
    entry("opened", "a", false);
    entry("opened", "b", false);
    entry("purged", "b", false);

    assertThat(verify(signed(3)).tampered())
        .containsExactly(
            "batch a of the namespace n is gone: entry 1 of the log has it, and none says that it"
                + " was purged");
  }

  @Test
  void batchThatWasPurgedSinceTheCheckpointIsNotTakenForDropped() {
    entry("opened", "a", false);
    entry("purged", "a", false);

    assertThat(verify(signed(1)).outcome()).isEqualTo(Outcome.INTACT);
  }

  @Test
  void firstEntryThatIsNotSignedYetTellsSinceWhen() {
    entry("opened", "a", true);
    String[] times = {"2026-11-29T00:00:01.5Z", "2026-11-29T00:00:02Z"};
    for (String time : times) {
      String body = "{\"batch\":\"b\",\"kind\":\"opened\",\"recorded_at\":\"" + time + "\"}";
      log.add(new LogLine(log.size() + 1, leaf(body).base64(), body, false, true));
    }

    assertThat(unsignedSince(signed(1), 1)).isEqualTo(Instant.parse(times[0]));
    assertThat(unsignedSince(signed(2), 1)).isEqualTo(Instant.parse(times[1]));
    assertThat(unsignedSince(signed(3), 3)).isNull();
    assertThat(unsignedSince(signed(1), 2)).isEqualTo(Instant.parse(times[1]));
    assertThat(unsignedSince(signed(1), 3)).isNull();
  }

  private @Nullable Instant unsignedSince(Checkpoint checkpoint, long signedLater) {
    LogVerifier verifier = new LogVerifier(checkpoint);
    log.forEach(verifier::add);
    return verifier.unsignedSince(signedLater);
  }
}
