package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.api.client.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How people name a batch: its id, the first characters of it, or {@code table@period}, which is
 * the newest batch of them that is no sub-batch.
 */
final class BatchName {
  /** How many of the newest batches are looked through for the beginning of an id. */
  static final int LOOKED_THROUGH = 10_000;

  private static final int PAGE = 500;
  private static final int NAMED_WHERE_MANY = 5;
  private static final Pattern ID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern BEGINNING = Pattern.compile("[0-9a-f][0-9a-f-]{3,35}");

  private BatchName() {}

  /** The batch of that name; waits for the service. */
  static Snapshot find(AuditCalls client, String name) {
    String id = name.strip().toLowerCase(Locale.ROOT);
    if (ID.matcher(id).matches()) {
      return Waiting.on(client.snapshot(UUID.fromString(id)));
    }
    int at = name.lastIndexOf('@');
    if (at > 0 && at < name.length() - 1) {
      return newest(client, name.substring(0, at), name.substring(at + 1));
    }
    if (BEGINNING.matcher(id).matches()) {
      return beginningWith(client, id);
    }
    throw new CommandException(
        ExitCode.USAGE,
        "\""
            + Printable.of(name)
            + "\" names no batch: give an id, at least the first 4 characters of one, or"
            + " table@period");
  }

  private static Snapshot newest(AuditCalls client, String table, String period) {
    BatchFilter filter = BatchFilter.of(table, period).withPageSize(PAGE);
    String cursor = null;
    do {
      Page<Snapshot> page = Waiting.on(client.batches(filter, cursor));
      for (Snapshot batch : page.items()) {
        if (batch.parent() == null) {
          return batch;
        }
      }
      cursor = page.next();
    } while (cursor != null);
    throw new CommandException(
        ExitCode.USAGE,
        "there is no batch of the table "
            + Printable.of(table)
            + " for the period "
            + Printable.of(period));
  }

  private static Snapshot beginningWith(AuditCalls client, String beginning) {
    List<Snapshot> found = new ArrayList<>();
    BatchFilter filter = BatchFilter.all().withPageSize(PAGE);
    String cursor = null;
    int seen = 0;
    do {
      Page<Snapshot> page = Waiting.on(client.batches(filter, cursor));
      page.items().stream()
          .filter(batch -> batch.id().toString().startsWith(beginning))
          .forEach(found::add);
      seen += page.items().size();
      cursor = page.next();
    } while (cursor != null && seen < LOOKED_THROUGH);
    if (found.size() == 1) {
      return found.get(0);
    }
    throw new CommandException(ExitCode.USAGE, complaint(beginning, found, cursor));
  }

  private static String complaint(String beginning, List<Snapshot> found, @Nullable String more) {
    if (found.isEmpty()) {
      String where = more == null ? "" : " among the newest " + LOOKED_THROUGH;
      return "no batch's id begins with " + beginning + where;
    }
    StringBuilder text =
        new StringBuilder(found.size() + " batches' ids begin with " + beginning + ":");
    found.stream().limit(NAMED_WHERE_MANY).forEach(batch -> text.append(' ').append(batch.id()));
    return text.append(found.size() > NAMED_WHERE_MANY ? " …" : "").toString();
  }
}
