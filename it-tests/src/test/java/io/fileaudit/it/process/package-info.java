/** The service and its command line as processes of their own, to be asked, stopped and killed. */
@NullMarked
package io.fileaudit.it.process;

import org.jspecify.annotations.NullMarked;
