/** Who may do what: keys, whom they stand for, and the admin key of the first start. */
@NullMarked
package io.fileaudit.server.access;

import org.jspecify.annotations.NullMarked;
