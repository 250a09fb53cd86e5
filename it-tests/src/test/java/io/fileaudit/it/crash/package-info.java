/** What is left of a load when the service, its database or both are killed in the middle of it. */
@NullMarked
package io.fileaudit.it.crash;

import org.jspecify.annotations.NullMarked;
