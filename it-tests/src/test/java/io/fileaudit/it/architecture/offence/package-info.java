/** Code that breaks the rules. It is compiled and judged, never run. */
@NullMarked
package io.fileaudit.it.architecture.offence;

import org.jspecify.annotations.NullMarked;
