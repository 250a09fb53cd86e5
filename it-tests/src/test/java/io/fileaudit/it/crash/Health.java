package io.fileaudit.it.crash;

import io.fileaudit.it.crash.Violation.Rule;
import io.fileaudit.it.process.ServiceProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Holds memory and connections of both services against how they were in a quiet time. */
final class Health {
  /** How much more may live in a heap than in the larger of the two before. */
  private static final long MORE_BYTES = 128L << 20;

  private static final Duration POOL = Duration.ofSeconds(10);

  private final Site site;
  private final Calls calls;
  private final List<Violation> violations = new ArrayList<>();
  private final List<Long> after = new ArrayList<>();
  private long usual;
  private int checks;

  Health(Site site) throws IOException {
    this.site = site;
    this.calls = site.calls();
  }

  /** What lives in the heaps now is what has to be enough later. */
  void takeAsUsual() throws IOException, InterruptedException {
    for (ServiceProcess service : site.services()) {
      usual = Math.max(usual, service.heap().livingBytes());
    }
  }

  /** Nobody waits for a connection any more, soon after a fault. */
  void poolRecovers(Fault fault) {
    for (String service : site.both()) {
      checks++;
      if (!Await.holdsWithin(Form.stretched(POOL), () -> nobodyWaits(service))) {
        add(fault + " was healed, and calls still wait for connections: " + calls.health(service));
      }
    }
  }

  private boolean nobodyWaits(String service) {
    return calls
        .health(service)
        .filter(health -> health.at("/pool/waiting").asInt(-1) == 0)
        .isPresent();
  }

  /** When all is over, no more is kept than before. */
  void memoryRecovers() throws IOException, InterruptedException {
    for (ServiceProcess service : site.services()) {
      checks++;
      long living = service.heap().livingBytes();
      after.add(living);
      if (living > usual + MORE_BYTES) {
        add(living + " bytes live in the heap of " + service.url() + ", before " + usual);
      }
    }
  }

  private void add(String detail) {
    violations.add(new Violation(Rule.MEMORY_AND_POOL_RECOVER, null, detail));
  }

  List<Violation> violations() {
    return violations;
  }

  int checks() {
    return checks;
  }

  /** What lived in the larger heap in the quiet time, in bytes. */
  long usual() {
    return usual;
  }

  /** What lives in the heaps at the end, in bytes. */
  List<Long> after() {
    return after;
  }
}
