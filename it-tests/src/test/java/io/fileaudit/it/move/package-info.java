@NullMarked
package io.fileaudit.it.move;

import org.jspecify.annotations.NullMarked;
