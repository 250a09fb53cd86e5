/** Half of a cycle of packages. */
@NullMarked
package io.fileaudit.it.architecture.offence.right;

import org.jspecify.annotations.NullMarked;
