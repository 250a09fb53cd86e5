package io.fileaudit.api.evidence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the log stands, signed.
 *
 * @param size how many entries it has
 * @param root the root of the tree of its entries, in Base64
 * @param checkpoint the signed note
 * @param key what verifies the note, as the service says
 * @param since the size that was asked about; null where none was
 * @param proof that the log of that size is the beginning of this one, in Base64 (RFC 6962, 2.1.2)
 */
public record SignedCheckpoint(
    long size,
    String root,
    String checkpoint,
    String key,
    @Nullable Long since,
    @Nullable List<String> proof) {}
