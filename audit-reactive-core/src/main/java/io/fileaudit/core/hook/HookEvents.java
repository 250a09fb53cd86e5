package io.fileaudit.core.hook;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.hook.BatchFlagged;
import io.fileaudit.api.hook.TableOverdue;
import io.fileaudit.api.hook.TestMessage;
import io.fileaudit.api.table.TableExpectation;
import io.fileaudit.core.access.Namespaces;
import io.fileaudit.core.batch.Flagging;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.record.StatusEvents;
import io.fileaudit.core.store.HookNotice;
import io.fileaudit.core.store.StatusChange;
import io.fileaudit.core.store.WebhookStore.Claimed;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Says what a delivery tells as a CloudEvent 1.0 in structured mode: of a status as on the topic of
 * statuses, of flags, tables and tests in the same form. The same notice is the same event for all
 * webhooks and each try.
 */
public final class HookEvents {
  /** What a body is, in its header {@code content-type}. */
  public static final String CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8";

  private final StatusEvents statuses;

  /**
   * Events that lead to pages.
   *
   * @param address where people find the service; null where that is not known
   */
  public HookEvents(@Nullable String address) {
    this.statuses = new StatusEvents(address);
  }

  /** The event of a delivery, as JSON. */
  public byte[] json(Claimed claimed) {
    HookNotice notice = claimed.notice();
    if (notice instanceof HookNotice.OfStatus status) {
      return statuses.json(status.change());
    } else if (notice instanceof HookNotice.OfFlag flag) {
      return flag(flag);
    } else if (notice instanceof HookNotice.OfTable table) {
      return table(table);
    }
    return test(claimed, notice.at());
  }

  private byte[] flag(HookNotice.OfFlag notice) {
    StatusChange change = notice.change();
    Flagging.Raised raised = notice.raised();
    BatchSpec spec = change.spec();
    String batch = change.key().id().toString();
    String flag = raised.flag().wireName();
    BatchFlagged data =
        new BatchFlagged(
            change.key().namespace(),
            change.key().id(),
            spec.name(),
            spec.table(),
            spec.period(),
            spec.parent(),
            new TreeMap<>(change.labels()),
            change.run(),
            change.status(),
            change.version(),
            raised.flag(),
            raised.limit(),
            raised.after(),
            raised.since(),
            Snapshots.totals(spec, change.tally(), change.events(), change.refused()),
            statuses.page(change.key()));
    return statuses.json(
        batch + "/" + change.run() + "/" + flag + "/" + change.at(),
        source(change.key().namespace(), "batches"),
        "io.fileaudit.batch." + flag,
        batch,
        change.at(),
        data);
  }

  private byte[] table(HookNotice.OfTable notice) {
    TableExpectation found = notice.expectation();
    Instant due = Objects.requireNonNull(found.overdueSince(), "it is overdue");
    String query =
        "?table="
            + encoded(found.table())
            + (notice.namespace().equals(Namespaces.DEFAULT)
                ? ""
                : "&namespace=" + encoded(notice.namespace()));
    return statuses.json(
        found.table() + "/" + due,
        source(notice.namespace(), "tables"),
        "io.fileaudit.table.overdue",
        found.table(),
        notice.at(),
        new TableOverdue(
            notice.namespace(),
            found.table(),
            due,
            found.grace(),
            found.schedule(),
            found.zone(),
            statuses.address("/ui" + query)));
  }

  private byte[] test(Claimed claimed, Instant at) {
    String namespace = claimed.target().namespace();
    String name = claimed.target().name();
    return statuses.json(
        claimed.id(),
        source(namespace, "webhooks"),
        "io.fileaudit.webhook.test",
        name,
        at,
        new TestMessage(
            namespace,
            name,
            "This is a test: nothing happened but that somebody asked for it.",
            statuses.address("/ui/webhooks")));
  }

  private static String source(String namespace, String of) {
    return "/namespaces/" + namespace + "/" + of;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
