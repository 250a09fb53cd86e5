/** What a scan of real files comes to, through the command line, the service and its database. */
@NullMarked
package io.fileaudit.it.scan;

import org.jspecify.annotations.NullMarked;
