package io.fileaudit.api.evidence;

import io.fileaudit.api.evidence.Verification.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Holds the rows of a ledger against what is known of its tree. Not thread-safe. */
final class LedgerCheck {
  private static final String NONE = "-";

  private record Expected(String root, String who) {}

  /**
   * What is odd about a row by itself.
   *
   * @param row its number
   * @param text says it
   * @param byLeaf whether only what was kept of the row says so, which may have been changed itself
   */
  private record Odd(long row, String text, boolean byLeaf) {}

  private final Bundle.About about;
  private final BatchLog log;
  private final Findings findings;
  private final TreeMap<Long, List<Expected>> expected = new TreeMap<>();
  private final CompactRange.Growing tree = CompactRange.EMPTY.grow();
  private final CompactRange.Growing kept = CompactRange.EMPTY.grow();
  private boolean isKept = true;
  private long rows;

  /** Up to where all that is known of the tree fits. */
  private long fits;

  private @Nullable Odd odd;
  private boolean isNamed;

  LedgerCheck(Bundle.About about, BatchLog log, Findings findings) {
    this.about = about;
    this.log = log;
    this.findings = findings;
    log.seals().forEach(seal -> expect(seal, "the seal in the log"));
  }

  /** What is known of the tree at a size, and who says so. */
  void expect(TreeHead head, String who) {
    expected
        .computeIfAbsent(head.size(), size -> new ArrayList<>())
        .add(new Expected(head.root(), who));
  }

  long rows() {
    return rows;
  }

  /**
   * Takes the next row.
   *
   * @param keptLeaf its leaf as it was kept, in Base64; null where none is given
   */
  void add(byte[] row, @Nullable String keptLeaf) {
    Hash leaf = Hash.leaf(row);
    tree.add(leaf);
    if (odd == null) {
      odd = odd(row, leaf, keptLeaf);
    }
    Hash hash = keptLeaf == null ? null : hash(keptLeaf);
    if (hash == null) {
      isKept = false;
    } else if (isKept) {
      kept.add(hash);
    }
    rows++;
    check(expected.remove(rows));
  }

  private static @Nullable Hash hash(String text) {
    try {
      return Hash.ofBase64(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private @Nullable Odd odd(byte[] text, Hash leaf, @Nullable String keptLeaf) {
    String odd = odd(text);
    if (odd != null) {
      return new Odd(rows, odd, false);
    }
    return keptLeaf == null || keptLeaf.equals(NONE) || leaf.base64().equals(keptLeaf)
        ? null
        : new Odd(rows, "row " + rows + " is not what was written", true);
  }

  private @Nullable String odd(byte[] text) {
    JsonNode body = BundleVerifier.json(text);
    if (body == null) {
      return "row " + rows + " is no JSON";
    }
    if (!body.path("batch").asString("").equals(about.batch().toString())) {
      return "row " + rows + " is one of another batch";
    }
    long seq = body.path("seq").asLong(-1);
    if (seq != rows) {
      return seq > rows
          ? "row " + rows + " is missing: row " + seq + " stands in its place"
          : "row " + rows + " says that it is row " + seq;
    }
    String status = body.path("verdict").path("status").asString(null);
    if (status != null && !status.equals(log.decided(rows))) {
      return "row "
          + rows
          + " says that the batch became "
          + status
          + ", the log has no entry of it";
    }
    return null;
  }

  private void check(@Nullable List<Expected> heads) {
    if (heads == null) {
      return;
    }
    String root = tree.range().root().base64();
    for (Expected head : heads) {
      if (!head.root().equals(root)) {
        name(rows, head);
        return;
      }
    }
    fits = rows;
    if (odd != null && odd.byLeaf()) {
      findings.tampered(
          "what was kept of row " + odd.row() + " was changed; the row itself is what it was");
      odd = null;
    }
  }

  /** Names the first row that does not fit, or between which rows it is. */
  private void name(long size, Expected head) {
    if (!isNamed) {
      isNamed = true;
      findings.tampered(named(size, head) + ": " + over(size, head.who()));
      odd = null;
    }
  }

  private String named(long size, Expected head) {
    Odd first = odd;
    if (first == null) {
      return size - fits == 1
          ? "row " + fits + " was changed"
          : "one of the rows " + fits + " to " + (size - 1) + " was changed";
    }
    boolean sure = !first.byLeaf() || (isKept && kept.range().root().base64().equals(head.root()));
    return sure
        ? first.text()
        : first.text()
            + ", or what was kept of it was changed and so was a row up to "
            + (size - 1);
  }

  private static String over(long size, String who) {
    return who + ", over " + size + " rows, is not over these";
  }

  /** To be called behind the last row. */
  void end() {
    boolean gone = log.isPurged() && rows == 0;
    if (!gone) {
      expected.headMap(1L).values().forEach(heads -> heads.forEach(this::checkEmpty));
      expected.tailMap(rows + 1).forEach((size, heads) -> missing(size, heads.get(0)));
    }
    long sealed = log.seals().stream().mapToLong(TreeHead::size).max().orElse(0);
    if (!log.isOpen() && rows > sealed && !log.seals().isEmpty()) {
      findings.tampered(
          "row " + sealed + " was added: the last seal in the log is over " + sealed + " rows");
    }
    if (odd != null) {
      findings.tampered(odd.text());
    }
  }

  private void missing(long size, Expected head) {
    if (!isNamed) {
      isNamed = true;
      String row = odd == null || odd.byLeaf() ? "row " + rows + " is missing" : odd.text();
      findings.tampered(row + ": " + head.who() + " is over " + size + " rows");
      odd = null;
    }
  }

  private void checkEmpty(Expected head) {
    if (!head.root().equals(Hash.EMPTY.base64())) {
      findings.tampered(head.who() + " is over no rows and has another root than none have");
    }
  }
}
