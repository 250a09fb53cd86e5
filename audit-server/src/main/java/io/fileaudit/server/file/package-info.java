/** Calls about the files of a batch. */
@NullMarked
package io.fileaudit.server.file;

import org.jspecify.annotations.NullMarked;
