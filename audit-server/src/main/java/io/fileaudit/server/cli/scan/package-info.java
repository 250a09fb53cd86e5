/**
 * Taking stock of files on disk: which files the arguments of {@code audit scan} name, and what is
 * in each (bytes, SHA-256, CSV records). Everything here blocks on file IO by design; it runs on
 * the command line's own threads, never in the service.
 */
@NullMarked
package io.fileaudit.server.cli.scan;

import org.jspecify.annotations.NullMarked;
