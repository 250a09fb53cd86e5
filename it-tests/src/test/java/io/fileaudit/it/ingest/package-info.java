/** Streams of events under load, with the service in a process of its own. */
@NullMarked
package io.fileaudit.it.ingest;

import org.jspecify.annotations.NullMarked;
