/** Tests of the parts of the package of the same name. */
@NullUnmarked
package io.fileaudit.server.hook;

import org.jspecify.annotations.NullUnmarked;
