/** Feeds: what watchers are told while batches live, resumable and without gaps. */
@NullMarked
package io.fileaudit.core.live;

import org.jspecify.annotations.NullMarked;
