/** Calls about batches: open, look, list, end and resume. */
@NullMarked
package io.fileaudit.server.batch;

import org.jspecify.annotations.NullMarked;
