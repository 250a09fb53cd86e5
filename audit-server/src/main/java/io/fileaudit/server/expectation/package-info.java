/** When batches of tables are due, and what happens when none comes. */
@NullMarked
package io.fileaudit.server.expectation;

import org.jspecify.annotations.NullMarked;
