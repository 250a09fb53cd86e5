/** What people see in a browser: signing in, and the pages behind it. */
@NullMarked
package io.fileaudit.server.page;

import org.jspecify.annotations.NullMarked;
