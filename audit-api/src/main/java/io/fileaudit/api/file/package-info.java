/** The account of one file on the wire. */
@NullMarked
package io.fileaudit.api.file;

import org.jspecify.annotations.NullMarked;
