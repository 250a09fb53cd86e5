/** Keys as they are asked for and shown. */
@NullMarked
package io.fileaudit.api.access;

import org.jspecify.annotations.NullMarked;
