/**
 * Batches that are reported as runs of OpenLineage: what a report says, and what follows from it.
 */
@NullMarked
package io.fileaudit.core.lineage;

import org.jspecify.annotations.NullMarked;
