/**
 * Batches on the wire: how one is opened, its status, its limits, its snapshot and its verdicts.
 */
@NullMarked
package io.fileaudit.api.batch;

import org.jspecify.annotations.NullMarked;
