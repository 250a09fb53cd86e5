/** The account of one file as a join of its events. Pure rules. */
@NullMarked
package io.fileaudit.core.file;

import org.jspecify.annotations.NullMarked;
