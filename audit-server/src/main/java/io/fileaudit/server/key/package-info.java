/** The calls about keys and about who is calling. */
@NullMarked
package io.fileaudit.server.key;

import org.jspecify.annotations.NullMarked;
