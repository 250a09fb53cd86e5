/** Watching batches: when a limit is over, and who notices. */
@NullMarked
package io.fileaudit.core.watch;

import org.jspecify.annotations.NullMarked;
