/** Errors on the wire: RFC 9457 problems with stable types. */
@NullMarked
package io.fileaudit.api.problem;

import org.jspecify.annotations.NullMarked;
