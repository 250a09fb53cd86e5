/** Tests of the command line: each command as a person would call it, within this process. */
@NullMarked
package io.fileaudit.server.cli;

import org.jspecify.annotations.NullMarked;
