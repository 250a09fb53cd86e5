/** Tests of the parts of the package of the same name. */
@NullUnmarked
package io.fileaudit.server.health;

import org.jspecify.annotations.NullUnmarked;
