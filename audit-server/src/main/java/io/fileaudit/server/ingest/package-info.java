/** The call that takes a loader's stream of events. */
@NullMarked
package io.fileaudit.server.ingest;

import org.jspecify.annotations.NullMarked;
