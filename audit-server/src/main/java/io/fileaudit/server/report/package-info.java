/** The calls that tell something over files and batches together. */
@NullMarked
package io.fileaudit.server.report;

import org.jspecify.annotations.NullMarked;
