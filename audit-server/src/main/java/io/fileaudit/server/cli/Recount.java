package io.fileaudit.server.cli;

import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.file.FileAccount;
import io.fileaudit.core.ingest.EventReader;
import io.fileaudit.core.ledger.Line;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The accounts of a batch's files as its ledger makes them, to be held against those that the
 * service shows: they are derived, and nothing signs them. Not thread-safe.
 */
final class Recount {
  private final EventReader reader = new EventReader();
  private final Map<String, FileAccount> accounts = new TreeMap<>();
  private final List<String> differences = new ArrayList<>();

  /** Takes the next row; what is no event of a file makes no account. */
  void add(byte[] row) {
    try {
      JsonNode body = AuditJson.strict().readTree(row);
      byte[] event = AuditJson.strict().writeValueAsBytes(body.path("event"));
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

  /** Holds an account that the service shows against the ledger. */
  void compare(Manifest shown) {
    FileAccount account = accounts.remove(shown.file());
    if (account == null) {
      differences.add("the account of " + shown.file() + " is of a file that the ledger has not");
    } else {
      String wanted = json(account.toManifest(shown.file()));
      if (!wanted.equals(json(shown))) {
        differences.add(
            "the account of "
                + shown.file()
                + " is not what the ledger makes of it: "
                + json(shown)
                + ", expected "
                + wanted);
      }
    }
  }

  private static String json(Manifest manifest) {
    Manifest read =
        AuditJson.lenient()
            .readValue(AuditJson.lenient().writeValueAsBytes(manifest), Manifest.class);
    return AuditJson.lenient().writeValueAsString(read);
  }

  /** What differs, behind the last account. */
  List<String> differences() {
    List<String> all = new ArrayList<>(differences);
    accounts.keySet().forEach(file -> all.add("the account of " + file + " is gone"));
    return all;
  }
}
