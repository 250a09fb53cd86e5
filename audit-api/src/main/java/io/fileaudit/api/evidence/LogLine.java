package io.fileaudit.api.evidence;

import org.jspecify.annotations.Nullable;

/**
 * A place of the log.
 *
 * @param number its number, from 1
 * @param leaf its leaf in the log's tree as it was kept, in Base64; null where that is gone
 * @param body the text of its entry; null where that is gone or of a namespace that one may not
 *     read
 * @param hidden whether the entry is of a namespace that one may not read
 * @param there whether the batch that the entry is about is there
 */
public record LogLine(
    long number, @Nullable String leaf, @Nullable String body, boolean hidden, boolean there) {}
