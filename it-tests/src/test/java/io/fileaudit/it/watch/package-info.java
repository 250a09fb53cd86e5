/** Batches that judge themselves, in real time, with the service in processes of its own. */
@NullMarked
package io.fileaudit.it.watch;

import org.jspecify.annotations.NullMarked;
