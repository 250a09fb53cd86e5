/**
 * Reading files that are to be loaded: what is in archives, decoding, records, and which rows are
 * fit to be sent. Everything here blocks on file IO by design; it runs on the command line's own
 * threads, never in the service.
 */
@NullMarked
package io.fileaudit.server.cli.load;

import org.jspecify.annotations.NullMarked;
