package io.fileaudit.api.hook;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A webhook as it is shown. Times are those of the service's store.
 *
 * @param name its name in its namespace
 * @param url where it goes
 * @param tables the tables that it is about; null means all, and batches of no table
 * @param events what it tells
 * @param enabled whether it tells anything
 * @param disabledReason why the service switched it off; null where it did not
 * @param createdAt when it was made
 * @param createdBy by whom
 * @param changedAt when it was last set
 * @param changedBy by whom
 * @param waiting how many deliveries wait; counted up to 1,000
 * @param last the delivery that was last tried; null where none was
 * @param secret what it is signed with: only in the answer to making it, where the service made the
 *     secret as well, and never again
 */
public record Webhook(
    String name,
    String url,
    @Nullable List<String> tables,
    List<String> events,
    boolean enabled,
    @Nullable String disabledReason,
    Instant createdAt,
    String createdBy,
    Instant changedAt,
    String changedBy,
    int waiting,
    @Nullable WebhookDelivery last,
    @Nullable String secret) {}
