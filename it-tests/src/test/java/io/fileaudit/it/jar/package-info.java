/** What is inside the executable jar. */
@NullMarked
package io.fileaudit.it.jar;

import org.jspecify.annotations.NullMarked;
