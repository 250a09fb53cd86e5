/** Takes away what is older than it has to be kept, and says so where it is asked for. */
@NullMarked
package io.fileaudit.server.retention;

import org.jspecify.annotations.NullMarked;
