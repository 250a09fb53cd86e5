/** The service's data is saved while it works, and brought back elsewhere. */
@NullMarked
package io.fileaudit.it.backup;

import org.jspecify.annotations.NullMarked;
