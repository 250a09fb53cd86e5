/** The page in a real browser, without a window, on this machine's own address alone. */
@NullMarked
package io.fileaudit.it.browser;

import org.jspecify.annotations.NullMarked;
