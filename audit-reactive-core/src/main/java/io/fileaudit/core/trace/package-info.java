/** What a request leaves of itself in traces and logs. */
@NullMarked
package io.fileaudit.core.trace;

import org.jspecify.annotations.NullMarked;
