/** Half of a cycle of packages. */
@NullMarked
package io.fileaudit.it.architecture.offence.left;

import org.jspecify.annotations.NullMarked;
