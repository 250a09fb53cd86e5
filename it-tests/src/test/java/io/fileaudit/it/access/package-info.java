/** Who gets in to services that run as people run them, and what they leave behind of it. */
@NullMarked
package io.fileaudit.it.access;

import org.jspecify.annotations.NullMarked;
