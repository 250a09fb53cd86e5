package io.fileaudit.core.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.core.batch.BatchKey;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold of the texts of every ledger. */
final class LedgerBodies {
  private static final Set<String> MEMBERS =
      Set.of("v", "batch", "seq", "run", "producer", "position", "id", "recorded_at", "event");

  private LedgerBodies() {}

  /** Numbers without gaps from 0, the nine members, canonical text, times that never go back. */
  static void check(BatchKey key, List<String> ledger) {
    Instant last = Instant.MIN;
    for (int seq = 0; seq < ledger.size(); seq++) {
      String text = ledger.get(seq);
      Map<String, Object> body = Lines.parse(text);
      assertThat(CanonicalJson.text(body)).as("RFC 8785 leaves it as it is").isEqualTo(text);
      Set<String> members = new HashSet<>(body.keySet());
      members.remove("verdict");
      assertThat(members).isEqualTo(MEMBERS);
      assertThat(body).containsEntry("v", 1).containsEntry("seq", seq);
      assertThat(body).containsEntry("batch", key.id().toString());
      Instant recorded = Instant.parse((String) body.get("recorded_at"));
      assertThat(recorded).isAfterOrEqualTo(last);
      last = recorded;
    }
  }
}
