package io.fileaudit.server.cli;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Totals;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.batch.Tally;
import io.fileaudit.core.file.FileAccount;
import io.fileaudit.core.ingest.EventReader;
import io.fileaudit.core.ledger.Line;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the ledger makes of a batch, to be held against what the service shows: status, verdict,
 * figures and the accounts of files are derived, and nothing signs them. Not thread-safe.
 */
final class Recount {
  private final EventReader reader = new EventReader();
  private final Map<String, FileAccount> accounts = new TreeMap<>();
  private final List<String> differences = new ArrayList<>();
  private @Nullable JsonNode decided;
  private boolean hasLineage;

  /** Takes the next row; what is no event of a file makes no account. */
  void add(byte[] row) {
    try {
      JsonNode body = AuditJson.lenient().readTree(row);
      if (body.path("verdict").isObject()) {
        decided = body.get("verdict");
      }
      hasLineage |= body.path("event").path("type").asString("").equals(EventType.LINEAGE.name());
      byte[] event = AuditJson.strict().writeValueAsBytes(asSent(body.path("event")));
      if (reader.read(1, event, 0, event.length) instanceof Line.Readable line
          && line.event() instanceof FileEvent about) {
        Instant arrival = Instant.parse(body.path("recorded_at").asString(""));
        accounts.merge(
            about.file(),
            FileAccount.of(about, body.path("run").asInt(0), arrival),
            FileAccount::join);
      }
    } catch (JacksonException | DateTimeParseException e) {
      // A row that is no row is found by its tree.
    }
  }

  /**
   * Great numbers with a fraction or an exponent stand in rows as integers (RFC 8785), which are
   * taken up to 2^53 − 1 alone when they are sent.
   */
  private static JsonNode asSent(JsonNode stored) {
    if (stored instanceof ObjectNode object) {
      object.properties().forEach(member -> member.setValue(asSent(member.getValue())));
    } else if (stored instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, asSent(array.get(i)));
      }
    }
    boolean isGreat =
        stored.isIntegralNumber() && Math.abs(stored.doubleValue()) > CanonicalJson.MAX_INTEGER;
    return isGreat ? DoubleNode.valueOf(stored.doubleValue()) : stored;
  }

  /**
   * Holds the batch as it is shown against the ledger and its opening; before any of its files.
   *
   * @param opened the entry of the log by which it was opened
   * @param isAlone whether it has no sub-batches, whose figures would be in its own
   */
  void compare(Snapshot shown, @Nullable String opened, boolean isAlone) {
    Verdict own = decided == null ? null : AuditJson.lenient().treeToValue(decided, Verdict.class);
    if (own != null) {
      differ("status", shown.status(), own.status());
      differ("run", shown.run(), own.run());
      differ("verdict", text(shown.verdict()), text(own));
    }
    // A run of OpenLineage learns of its names, and of what came out of it, from later reports.
    if (opened != null && !hasLineage) {
      JsonNode spec = AuditJson.lenient().readTree(opened).path("open");
      differ("table", shown.table(), spec.path("table").asString(null));
      differ("period", shown.period(), spec.path("period").asString(null));
    }
    if (isAlone && !hasLineage) {
      figures(shown.totals());
    }
  }

  private void figures(Totals shown) {
    BatchSpec any = BatchSpec.builder().build();
    Tally sum = Tally.ZERO;
    for (Map.Entry<String, FileAccount> file : accounts.entrySet()) {
      sum = sum.plus(Tally.of(file.getKey(), file.getValue(), any));
    }
    Totals own = Snapshots.totals(any, sum, shown.events(), shown.refused());
    differ("files missing", shown.files().missing(), own.files().missing());
    differ("files discovered", shown.files().discovered(), own.files().discovered());
    differ("files running", shown.files().running(), own.files().running());
    differ("files completed", shown.files().completed(), own.files().completed());
    differ("files failed", shown.files().failed(), own.files().failed());
    differ("files skipped", shown.files().skipped(), own.files().skipped());
    differ("rows", shown.rows(), own.rows());
    differ("rows in flight", shown.rowsInFlight(), own.rowsInFlight());
    differ("rejected rows", shown.rejectedRows(), own.rejectedRows());
    differ("bytes", shown.bytes(), own.bytes());
  }

  private static @Nullable String text(@Nullable Verdict verdict) {
    return verdict == null ? null : AuditJson.lenient().writeValueAsString(verdict);
  }

  private void differ(String what, @Nullable Object shown, @Nullable Object wanted) {
    if (!Objects.equals(shown, wanted)) {
      differences.add(
          "the batch's "
              + what
              + " is shown as "
              + shown
              + ", and what was acknowledged makes it "
              + wanted);
    }
  }

  /** Holds an account that the service lists as in that state against the ledger. */
  void compare(Manifest shown, FileState listed) {
    if (shown.state() != listed) {
      differences.add(shown.file() + " is listed as " + listed + ", and is " + shown.state());
    }
    FileAccount account = accounts.remove(shown.file());
    if (account == null) {
      differences.add("the account of " + shown.file() + " is of a file that the ledger has not");
    } else {
      JsonNode is = json(shown);
      JsonNode wanted = json(account.toManifest(shown.file()));
      if (!wanted.equals(is)) {
        differences.add(
            "the account of "
                + shown.file()
                + " is not what the ledger makes of it: "
                + where(is, wanted));
      }
    }
  }

  /** The members that differ, and how. */
  private static String where(JsonNode is, JsonNode wanted) {
    Set<String> names = new TreeSet<>(is.propertyNames());
    names.addAll(wanted.propertyNames());
    return names.stream()
        .filter(name -> !is.path(name).equals(wanted.path(name)))
        .map(name -> name + " " + text(is.path(name)) + " instead of " + text(wanted.path(name)))
        .collect(Collectors.joining(", "));
  }

  private static String text(JsonNode value) {
    return value.isMissingNode() ? "nothing" : value.toString();
  }

  /** As one that was read, so that both have gone the same way. */
  private static JsonNode json(Manifest manifest) {
    Manifest read =
        AuditJson.lenient()
            .readValue(AuditJson.lenient().writeValueAsBytes(manifest), Manifest.class);
    return AuditJson.lenient().valueToTree(read);
  }

  /** What differs, behind the last account. */
  List<String> differences() {
    List<String> all = new ArrayList<>(differences);
    accounts.keySet().forEach(file -> all.add("the account of " + file + " is gone"));
    return all;
  }
}
