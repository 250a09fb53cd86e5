/** From bytes to commits: lines, events, chunks, and the one writer of a node. */
@NullMarked
package io.fileaudit.core.ingest;

import org.jspecify.annotations.NullMarked;
