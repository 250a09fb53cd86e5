/** What is known of a table over its batches. */
@NullMarked
package io.fileaudit.api.table;

import org.jspecify.annotations.NullMarked;
