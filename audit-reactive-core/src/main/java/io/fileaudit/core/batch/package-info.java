/** Batches: their life, their limits, their figures and how completing is judged. Pure rules. */
@NullMarked
package io.fileaudit.core.batch;

import org.jspecify.annotations.NullMarked;
