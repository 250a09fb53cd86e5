/** Files of the data directory. */
@NullMarked
package io.fileaudit.server.disk;

import org.jspecify.annotations.NullMarked;
