/** Signs how the log stands, and proves what it says. */
@NullMarked
package io.fileaudit.core.evidence;

import org.jspecify.annotations.NullMarked;
