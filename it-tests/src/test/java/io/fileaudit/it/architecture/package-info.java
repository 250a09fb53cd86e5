/** What the code of all modules keeps to, and the proof that breaking it is noticed. */
@NullMarked
package io.fileaudit.it.architecture;

import org.jspecify.annotations.NullMarked;
