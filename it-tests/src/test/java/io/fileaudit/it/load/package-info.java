/** Loads of real files into a real database, through the command line and the service. */
@NullMarked
package io.fileaudit.it.load;

import org.jspecify.annotations.NullMarked;
