/** Tells webhooks what came to be: signed, in order for each batch, tried again. */
@NullMarked
package io.fileaudit.core.hook;

import org.jspecify.annotations.NullMarked;
