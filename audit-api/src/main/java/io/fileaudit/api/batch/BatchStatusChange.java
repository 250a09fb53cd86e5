package io.fileaudit.api.batch;

import io.fileaudit.api.evidence.TreeHead;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A change of a batch's status as others are told of it, with what names the batch to people. It
 * may come more than once and then has the same version; of two, that with the greater version is
 * the later one.
 *
 * @param namespace who the batch belongs to
 * @param batch the batch
 * @param name null also where the batch was purged before this was sent, as are table, period and
 *     parent
 * @param labels none where the batch was purged before this was sent
 * @param run the run that the change began, ended or belongs to
 * @param status what the batch became
 * @param version the version of the batch that the change made
 * @param verdict the last decision; null while the first run is open
 * @param totals its figures, without those of its sub-batches
 * @param seal size and root of the ledger's tree where the change is an ending: whoever keeps it
 *     can show later that the ledger was changed; null for other changes
 * @param link the address of its page; null where the service does not know its own address
 */
public record BatchStatusChange(
    String namespace,
    UUID batch,
    @Nullable String name,
    @Nullable String table,
    @Nullable String period,
    @Nullable UUID parent,
    Map<String, String> labels,
    int run,
    BatchStatus status,
    long version,
    @Nullable Verdict verdict,
    Totals totals,
    @Nullable TreeHead seal,
    @Nullable String link) {}
