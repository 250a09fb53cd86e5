/** The guard against blocking calls, under which all tests run. */
@NullMarked
package io.fileaudit.core.blocking;

import org.jspecify.annotations.NullMarked;
