/** The {@code audit} command line. */
@NullMarked
package io.fileaudit.server.cli;

import org.jspecify.annotations.NullMarked;
