package io.fileaudit.server;

import io.fileaudit.core.record.MemoryRecordLog;
import io.fileaudit.core.store.MemoryAuditStore;
import java.time.InstantSource;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What Prometheus reads of a node that uses everything there is. */
final class Scrape {
  private static final String EVENTS = "audit.file-events.v1";

  private Scrape() {}

  /** A node with a log of records, an outbox and webhooks. */
  static Node node() {
    MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
    MemoryRecordLog log = new MemoryRecordLog(EVENTS);
    log.topics().make(EVENTS, 1);
    Node node =
        Node.start(
            store, store, new NodeParts.Records(log, store.outbox()), "AUDIT_KAFKA", "memory:1");
    String batch = node.opened("{}");
    node.events(batch, "{\"type\":\"STARTED\",\"file\":\"a\"}\n").is(200);
    return node;
  }

  static String text(Node node) {
    return node.raw(node.managementPort(), "GET", "/actuator/prometheus").is(200).body();
  }

  /** The names of all series, with the endings that Prometheus adds. */
  static Set<String> names(String text) {
    return Pattern.compile("^([a-zA-Z_:][a-zA-Z0-9_:]*)[ {]", Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toSet());
  }
}
