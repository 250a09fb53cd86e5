package io.fileaudit.api.evidence;

import io.fileaudit.api.evidence.BundleVerifier.Life;
import io.fileaudit.api.evidence.Verification.Findings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What the log says of one batch: whether its entries are under the checkpoint, and whether they
 * tell a whole life. Not thread-safe.
 */
final class BatchLog {
  private final Bundle.About about;
  private final Findings findings;
  private final List<TreeHead> seals = new ArrayList<>();
  private final Map<Long, String> decided = new HashMap<>();
  private final Set<Integer> opened = new HashSet<>();
  private final Set<Integer> ended = new HashSet<>();
  private long last;
  private int run;
  private boolean isOpen;
  private boolean isPurged;
  private @Nullable String opening;

  BatchLog(Bundle.About about, Findings findings) {
    this.about = about;
    this.findings = findings;
  }

  void add(LogProof entry, @Nullable Checkpoint checkpoint) {
    byte[] text = entry.body().getBytes(StandardCharsets.UTF_8);
    JsonNode body = BundleVerifier.json(text);
    String name = "entry " + entry.number() + " of the log";
    if (entry.number() <= last) {
      findings.tampered(name + " does not come behind entry " + last);
    }
    last = entry.number();
    if (checkpoint != null) {
      prove(entry, Hash.leaf(text), checkpoint, name);
    }
    if (body == null
        || !body.path("batch").asString("").equals(about.batch().toString())
        || !body.path("namespace").asString("").equals(about.namespace())) {
      findings.tampered(name + " is not about batch " + about.batch());
      return;
    }
    if (opening == null && body.path("open").isObject()) {
      opening = entry.body();
    }
    take(body, name);
  }

  private void prove(LogProof entry, Hash leaf, Checkpoint checkpoint, String name) {
    if (entry.number() > checkpoint.size()) {
      findings.missing(
          name + " is not under the checkpoint, which is over " + checkpoint.size() + " entries");
    } else if (entry.proof() == null) {
      findings.tampered(name + " has no proof that it was there when the log was signed");
    } else {
      List<Hash> proof;
      try {
        proof = entry.proof().stream().map(String::valueOf).map(Hash::ofBase64).toList();
      } catch (IllegalArgumentException e) {
        findings.tampered("the proof of " + name + " is none: " + e.getMessage());
        return;
      }
      if (!Proofs.isIncluded(
          leaf, entry.number() - 1, checkpoint.size(), proof, checkpoint.root())) {
        findings.tampered(name + " is not what was there when the log was signed");
      }
    }
  }

  private void take(JsonNode body, String name) {
    String kind = body.path("kind").asString("");
    int of = body.path("run").asInt(0);
    JsonNode seq = body.get("seq");
    if (seq != null && seq.isIntegralNumber()) {
      decided.put(seq.asLong(), body.path("verdict").path("status").asString(""));
    }
    JsonNode seal = body.get("seal");
    if (seal != null) {
      seals.add(new TreeHead(seal.path("size").asLong(-1), seal.path("root").asString("")));
    }
    if (isPurged) {
      findings.tampered(name + " comes behind the one by which the batch was purged");
    }
    switch (kind.split(" ", 2)[0]) {
      case "opened" -> {
        if (isOpen || of != run + 1) {
          findings.tampered(
              name
                  + " opens run "
                  + of
                  + ", and before it run "
                  + run
                  + (isOpen ? " is open" : ""));
        }
        opened.add(of);
        run = of;
        isOpen = true;
      }
      case "ended" -> {
        if (!isOpen || of != run) {
          findings.tampered(name + " ends run " + of + ", which is not open before it");
        }
        ended.add(of);
        isOpen = false;
      }
      case "revised", "sealed" -> {
        if (isOpen || of != run) {
          findings.tampered(name + " seals run " + of + " anew, which has no ending before it");
        }
      }
      case "purged" -> {
        isPurged = true;
        isOpen = false;
      }
      default -> findings.tampered(name + " is of no kind that is known: " + kind);
    }
  }

  void end() {
    if (opened.isEmpty()) {
      findings.tampered("the log has no entry of the batch's opening");
    } else if (isPurged) {
      findings.missing("the batch was purged: its rows are gone, its seal is left");
    } else if (isOpen) {
      findings.missing(
          "run " + run + " is open: what it brought is acknowledged, and not sealed yet");
    }
  }

  Life life() {
    if (isPurged) {
      return Life.PURGED;
    }
    return isOpen ? Life.OPEN : ended.isEmpty() ? Life.UNKNOWN : Life.ENDED;
  }

  List<TreeHead> seals() {
    return seals;
  }

  /** The status that the log says of a decision in that row; null where it says none. */
  @Nullable String decided(long seq) {
    return decided.get(seq);
  }

  /** The entry by which it was opened first; null where there is none. */
  @Nullable String opening() {
    return opening;
  }

  boolean isOpen() {
    return isOpen;
  }

  boolean isPurged() {
    return isPurged;
  }
}
