package io.fileaudit.r2dbc;

import io.fileaudit.api.hook.DeliveryState;
import io.fileaudit.api.hook.Webhook;
import io.fileaudit.api.hook.WebhookDelivery;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.table.TableExpectation;
import io.fileaudit.core.batch.Flagging;
import io.fileaudit.core.store.HookEvent;
import io.fileaudit.core.store.HookNotice;
import io.fileaudit.core.store.StatusChange;
import io.fileaudit.core.store.WebhookStore.Claimed;
import io.fileaudit.core.store.WebhookStore.Target;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** How webhooks and deliveries lie in rows. */
final class WebhookRows {
  /** Columns of {@code webhook w}, by names that those of a delivery do not have. */
  static final String HOOK_COLUMNS =
      """
      w.number AS hook, w.namespace AS hook_namespace, w.name AS hook_name, w.url, w.secret, w.tables,
      w.events AS hook_events, w.is_enabled, w.disabled_reason, w.created_at, w.created_by, w.changed_at, w.changed_by,
      w.failures
      """;

  private static final String OVERDUE =
      """
      INSERT INTO webhook_delivery (webhook, event, namespace, table_name, recorded_at, facts, next_at)
      SELECT w.number, 'overdue', w.namespace, $2, t.now, $3, t.now
        FROM (SELECT clock_timestamp() AS now OFFSET 0) t, webhook w
       WHERE w.namespace = $1 AND w.removed_at IS NULL AND w.is_enabled AND 'overdue' = ANY (w.events)
         AND (w.tables IS NULL OR $2 = ANY (w.tables))
      """;

  private WebhookRows() {}

  /** Notes for those who want to know it that a table is overdue; gives how many that are. */
  static Mono<Long> tellOverdue(
      PostgresqlConnection connection, String namespace, TableExpectation found) {
    return BatchRows.update(
        connection
            .createStatement(OVERDUE)
            .bind("$1", namespace)
            .bind("$2", found.table())
            .bind("$3", BatchRows.json(found)));
  }

  /** A webhook beside the delivery that was last tried, of which {@code number} is missing else. */
  static Webhook webhook(Readable row) {
    String[] tables = row.get("tables", String[].class);
    return new Webhook(
        BatchRows.text(row, "hook_name"),
        BatchRows.text(row, "url"),
        tables == null ? null : List.of(tables),
        List.of(BatchRows.value(row, "hook_events", String[].class)),
        BatchRows.value(row, "is_enabled", Boolean.class),
        row.get("disabled_reason", String.class),
        BatchRows.value(row, "created_at", Instant.class),
        BatchRows.text(row, "created_by"),
        BatchRows.value(row, "changed_at", Instant.class),
        BatchRows.text(row, "changed_by"),
        BatchRows.value(row, "waiting", Integer.class),
        row.get("number", Long.class) == null ? null : delivery(row),
        null);
  }

  static WebhookDelivery delivery(Readable row) {
    Instant ended = row.get("ended_at", Instant.class);
    return new WebhookDelivery(
        BatchRows.value(row, "number", Long.class),
        id(row),
        BatchRows.text(row, "event"),
        row.get("batch", UUID.class),
        row.get("table_name", String.class),
        row.get("period", String.class),
        BatchRows.value(row, "recorded_at", Instant.class),
        state(row, ended),
        BatchRows.value(row, "tries", Integer.class),
        row.get("last_at", Instant.class),
        row.get("last_status", Integer.class),
        row.get("last_millis", Integer.class),
        row.get("last_error", String.class),
        ended == null ? BatchRows.value(row, "next_at", Instant.class) : null,
        ended);
  }

  private static DeliveryState state(Readable row, @Nullable Instant ended) {
    if (ended == null) {
      return DeliveryState.WAITING;
    }
    return BatchRows.value(row, "delivered", Boolean.class)
        ? DeliveryState.DELIVERED
        : DeliveryState.GIVEN_UP;
  }

  private static String id(Readable row) {
    return "msg_" + BatchRows.value(row, "id", UUID.class);
  }

  /** A claimed delivery beside its webhook and its batch. */
  static Claimed claimed(Readable row) {
    HookEvent event = HookEvent.valueOf(BatchRows.text(row, "event").toUpperCase(Locale.ROOT));
    return new Claimed(
        BatchRows.value(row, "number", Long.class),
        id(row),
        BatchRows.value(row, "claim", UUID.class),
        new Target(
            BatchRows.value(row, "hook", Long.class),
            BatchRows.text(row, "hook_namespace"),
            BatchRows.text(row, "hook_name"),
            BatchRows.text(row, "url"),
            BatchRows.text(row, "secret")),
        event,
        notice(event, row),
        BatchRows.value(row, "tries", Integer.class),
        Duration.ofMillis(Math.round(BatchRows.value(row, "age", Double.class) * 1_000)),
        BatchRows.value(row, "failures", Integer.class));
  }

  private static HookNotice notice(HookEvent event, Readable row) {
    Instant at = BatchRows.value(row, "recorded_at", Instant.class);
    if (event == HookEvent.TEST) {
      return new HookNotice.OfTest(at);
    }
    if (event == HookEvent.OVERDUE) {
      return new HookNotice.OfTable(
          BatchRows.text(row, "namespace"), facts(row, TableExpectation.class), at);
    }
    StatusChange change = PostgresOutbox.change(row);
    return HookEvent.FLAGS.contains(event)
        ? new HookNotice.OfFlag(change, facts(row, Flagging.Raised.class))
        : new HookNotice.OfStatus(change);
  }

  private static <T> T facts(Readable row, Class<T> type) {
    return Objects.requireNonNull(
        AuditJson.lenient().readValue(BatchRows.text(row, "facts"), type));
  }
}
