package io.fileaudit.core.ledger;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.event.EventWriter;
import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * The text of an entry of the log: canonical JSON (RFC 8785) of {@code {batch, kind, namespace,
 * recorded_at, run, seq, v}} and what the entry says. The log keeps exactly this text, which is a
 * leaf of its tree. An entry that seals a ledger says its size and root as {@code seal}.
 */
public final class LogBody {
  /** The version of this form. */
  public static final int VERSION = 1;

  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private LogBody() {}

  /** What the entry of a batch's first opening says. */
  public static String opened(BatchKey key, Instant at, BatchSpec spec) {
    return text(key, "opened", 1, null, at, "open", EventWriter.spec(spec.withResume(false)), null);
  }

  /**
   * The kind of the entry of a decision. There is one ending of each run, and any number that take
   * its place, each under the version of the batch that it makes.
   *
   * @param revises whether it takes the place of an ending of the same run
   */
  public static String kind(Verdict verdict, BatchState after, boolean revises) {
    if (verdict.status().isOpen()) {
      return "opened";
    }
    return revises ? "revised " + after.version() : "ended";
  }

  /** The kind of the entry that seals a ledger again: each seals it at a size of its own. */
  public static String sealedAgain(BatchState after) {
    return "sealed " + after.nextSeq();
  }

  /** What the entry of a decision says: an ending, which seals the ledger, or a further run. */
  public static String decided(BatchKey key, String kind, Verdict verdict, BatchState after) {
    return text(
        key,
        kind,
        verdict.run(),
        verdict.seq(),
        verdict.decidedAt(),
        "verdict",
        AuditJson.lenient().convertValue(verdict, OBJECT),
        verdict.status().isOpen() ? null : after.tree());
  }

  /** What the entry of a batch says that is taken away. */
  public static String purged(BatchKey key, int run, Instant at) {
    return text(key, "purged", run, null, at, "purge", Map.of(), null);
  }

  /** What the entry says that seals a ledger again which grew after its ending. */
  public static String sealed(BatchKey key, String kind, BatchState after, Instant at) {
    return text(key, kind, after.run(), null, at, "sealed", Map.of(), after.tree());
  }

  private static String text(
      BatchKey key,
      String kind,
      int run,
      @Nullable Long seq,
      Instant at,
      String name,
      Map<String, Object> what,
      @Nullable CompactRange tree) {
    Map<String, Object> body = new TreeMap<>();
    body.put(name, what);
    body.put("v", VERSION);
    body.put("namespace", key.namespace());
    body.put("batch", key.id().toString());
    body.put("kind", kind);
    body.put("run", run);
    body.put("seq", seq);
    body.put("recorded_at", at.toString());
    if (tree != null) {
      TreeHead seal = TreeHead.of(tree);
      body.put("seal", Map.of("size", seal.size(), "root", seal.root()));
    }
    return CanonicalJson.text(body);
  }
}
