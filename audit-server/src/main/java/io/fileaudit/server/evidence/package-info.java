/** Signs how the log stands, and gives evidence to those who verify it elsewhere. */
@NullMarked
package io.fileaudit.server.evidence;

import org.jspecify.annotations.NullMarked;
