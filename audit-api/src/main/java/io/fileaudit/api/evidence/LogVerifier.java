package io.fileaudit.api.evidence;

import io.fileaudit.api.evidence.Verification.Findings;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Verifies the whole log against a checkpoint: that no entry was changed, added or taken away, and
 * that every batch that was opened is there unless it was purged. Takes the lines in their order.
 * Not thread-safe.
 */
public final class LogVerifier {
  private final Checkpoint checkpoint;
  private final Findings findings = new Findings();
  private final CompactRange.Growing tree = CompactRange.EMPTY.grow();
  private final CompactRange.Growing kept = CompactRange.EMPTY.grow();
  private final Map<String, Long> gone = new HashMap<>();
  private boolean isKept = true;
  private boolean isWhole = true;
  private long entries;
  private final TreeMap<Long, Instant> beyond = new TreeMap<>();
  private @Nullable String odd;

  /** The first entry that is not what was kept of it; 0 for none. */
  private long changed;

  private String changedBatch = "";

  /** A verifier of the log that was signed so; the signature is verified before. */
  public LogVerifier(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
  }

  /** How many entries it has seen that the checkpoint is over. */
  public long entries() {
    return entries;
  }

  /**
   * Takes the next line of the log. Of those that the checkpoint does not reach yet, purges count
   * alone: a batch that was purged meanwhile is not there, and was not dropped.
   */
  public void add(LogLine line) {
    if (line.number() > checkpoint.size()) {
      JsonNode later = line.body() == null ? null : read(line.body());
      if (later != null && isPurge(later)) {
        gone.remove(batch(later));
      }
      Instant at = later == null ? null : time(later.path("recorded_at").asString(""));
      if (at != null) {
        beyond.put(line.number(), at);
      }
      return;
    }
    if (line.number() != entries + 1) {
      note(
          "entry " + (entries + 1) + " of the log is gone: entry " + line.number() + " comes next");
      isWhole = false;
    }
    entries = line.number();
    Hash leaf = line.leaf() == null ? null : hash(line.leaf());
    if (leaf == null) {
      isKept = false;
    } else if (isKept) {
      kept.add(leaf);
    }
    if (line.body() != null) {
      take(line.body(), leaf, line);
    } else if (!line.hidden()) {
      note("entry " + line.number() + " of the log is gone");
      isWhole = false;
    } else if (leaf != null && isWhole) {
      tree.add(leaf);
    } else {
      isWhole = false;
    }
  }

  /**
   * When the first entry was written, by the store's clock, that no checkpoint reaches yet; null
   * where all is reached that was read. A service signs what is new within ten seconds.
   *
   * @param signed the size of the log that was signed last
   */
  public @Nullable Instant unsignedSince(long signed) {
    Map.Entry<Long, Instant> first = beyond.higherEntry(Math.max(signed, checkpoint.size()));
    return first == null ? null : first.getValue();
  }

  private static @Nullable Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      return null; // It is read again, and judged, once it is signed.
    }
  }

  private static @Nullable Hash hash(String text) {
    try {
      return Hash.ofBase64(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private void take(String body, @Nullable Hash leaf, LogLine line) {
    byte[] text = body.getBytes(StandardCharsets.UTF_8);
    Hash own = Hash.leaf(text);
    if (isWhole) {
      tree.add(own);
    }
    JsonNode read = read(body);
    if (leaf != null && !leaf.equals(own) && changed == 0) {
      changed = line.number();
      changedBatch = read == null ? "" : ", of the batch " + batch(read) + ",";
    }
    if (read == null) {
      note("entry " + line.number() + " of the log is no JSON");
      return;
    }
    if (isPurge(read)) {
      gone.remove(batch(read));
    } else if (!line.there()) {
      gone.putIfAbsent(batch(read), line.number());
    }
  }

  private static @Nullable JsonNode read(String body) {
    return BundleVerifier.json(body.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isPurge(JsonNode body) {
    return body.path("kind").asString("").equals("purged");
  }

  private static String batch(JsonNode body) {
    return body.path("batch").asString("")
        + " of the namespace "
        + body.path("namespace").asString("");
  }

  private void note(String what) {
    if (odd == null) {
      odd = what;
    }
  }

  /** What was found, behind the last line. */
  public Verification end() {
    if (entries < checkpoint.size()) {
      note("entry " + (entries + 1) + " of the log is gone");
      isWhole = false;
    }
    boolean fits = isWhole && tree.range().root().equals(checkpoint.root());
    if (!fits) {
      String what =
          odd != null
              ? odd
              : changed > 0
                  ? "entry " + changed + " of the log" + changedBatch + " is not what was written"
                  : "an entry of the log was changed";
      findings.tampered(
          what + ": the checkpoint, over " + checkpoint.size() + " entries, is not over these");
    } else if (changed > 0) {
      findings.tampered(
          "what was kept of entry "
              + changed
              + " of the log"
              + changedBatch
              + " was changed; the entry itself is what it was");
    }
    boolean leaves = isKept && kept.range().root().equals(checkpoint.root());
    if (!leaves && fits && changed == 0) {
      findings.tampered("the kept tree of the log is not the one that was signed");
    }
    gone.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(
            batch ->
                findings.tampered(
                    "batch "
                        + batch.getKey()
                        + " is gone: entry "
                        + batch.getValue()
                        + " of the log has it, and none says that it was purged"));
    return findings.verification();
  }
}
