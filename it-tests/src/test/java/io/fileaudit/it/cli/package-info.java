/** The command line in processes and terminals of its own. */
@NullMarked
package io.fileaudit.it.cli;

import org.jspecify.annotations.NullMarked;
