package io.fileaudit.api.evidence;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a batch's ledger is sealed by.
 *
 * @param namespace who the batch belongs to
 * @param batch the batch
 * @param sealed whether an ending sealed it; rows that come in a later run are under the next one
 * @param size how many rows the seal is over; of the present tree where there is no seal
 * @param root the root of their tree, in Base64
 * @param entry the log's entry that says so; null where there is no seal
 * @param checkpoint the signed note that the entry's proof leads to
 * @param key what verifies the note, as the service says
 */
public record Seal(
    String namespace,
    UUID batch,
    boolean sealed,
    long size,
    String root,
    @Nullable LogProof entry,
    String checkpoint,
    String key) {}
