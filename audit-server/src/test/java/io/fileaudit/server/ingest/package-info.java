/** Tests of how streams of events are read. */
@NullMarked
package io.fileaudit.server.ingest;

import org.jspecify.annotations.NullMarked;
