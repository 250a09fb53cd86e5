/** What {@code audit demo} shows. */
@NullMarked
package io.fileaudit.it.demo;

import org.jspecify.annotations.NullMarked;
