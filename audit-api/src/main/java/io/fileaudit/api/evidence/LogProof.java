package io.fileaudit.api.evidence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the log, and that it is there.
 *
 * @param number its number, from 1; its leaf in the log's tree is the one before
 * @param body its text, which the leaf is made of
 * @param proof the hashes of its inclusion proof in Base64 (RFC 6962, 2.1.1); null where the
 *     checkpoint does not reach it or the tree has not what makes it up
 */
public record LogProof(long number, String body, @Nullable List<String> proof) {}
