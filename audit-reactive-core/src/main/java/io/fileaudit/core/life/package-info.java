/** The life of batches as a node carries it out: opening, ending, resuming. */
@NullMarked
package io.fileaudit.core.life;

import org.jspecify.annotations.NullMarked;
