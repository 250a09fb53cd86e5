package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.WatchStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** What the probes of a node say, each about its own. */
class HealthGroupsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private interface WholeStore extends AuditStore, WatchStore {}

  private static WholeStore store(AtomicBoolean sweepHangs) {
    MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
    return (WholeStore)
        Proxy.newProxyInstance(
            HealthGroupsTest.class.getClassLoader(),
            new Class<?>[] {WholeStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("due") && sweepHangs.get()) {
                return Flux.never();
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static Answer ask(Node node, String group) {
    return node.raw(node.managementPort(), "GET", "/actuator/health/" + group);
  }

  @Test
  void sweepThatHangsIsToldAndTakesTheNodeOutOfNothing() {
    AtomicBoolean hangs = new AtomicBoolean();
    try (Node node = Node.start(store(hangs), "AUDIT_WATCHDOG_INTERVAL", "PT0.05S")) {
      Awaitility.await().atMost(PATIENCE).until(() -> ask(node, "detector").status() == 200);

      hangs.set(true);

      Awaitility.await().atMost(PATIENCE).until(() -> ask(node, "detector").status() == 503);
      assertThat(ask(node, "detector").at("/components/detectorHealth/details/reason"))
          .contains("stuck batches are not found");
      ask(node, "readiness").is(200);
      ask(node, "liveness").is(200);
      ask(node, "ingest").is(200);
      assertThat(node.get("/api/v1/health").json().at("/sweep/stopped").asBoolean()).isTrue();
    }
  }

  @Test
  void groupsNameWhatTheyAreAbout() {
    try (Node node = Node.start()) {
      assertThat(ask(node, "ingest").is(200).body()).contains("storeHealth");
      assertThat(ask(node, "detector").is(200).body()).contains("detectorHealth");
      assertThat(ask(node, "liveness").is(200).body()).doesNotContain("storeHealth");
    }
  }
}
