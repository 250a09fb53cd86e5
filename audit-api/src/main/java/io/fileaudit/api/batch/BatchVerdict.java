package io.fileaudit.api.batch;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A decision as feeds tell it: with what names the batch to people.
 *
 * @param batch the batch
 * @param namespace who it belongs to
 * @param version the version of the batch that the decision made
 * @param verdict the decision
 */
public record BatchVerdict(
    UUID batch,
    String namespace,
    @Nullable String name,
    @Nullable String table,
    @Nullable String period,
    @Nullable UUID parent,
    long version,
    Verdict verdict) {}
