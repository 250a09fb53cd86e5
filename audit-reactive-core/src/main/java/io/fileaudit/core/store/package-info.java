/** The port to the durable store, and the store in memory. */
@NullMarked
package io.fileaudit.core.store;

import org.jspecify.annotations.NullMarked;
