/** Reads the JSON of senders and says what is wrong with it. */
@NullMarked
package io.fileaudit.core.json;

import org.jspecify.annotations.NullMarked;
