/** Whether the service can work. */
@NullMarked
package io.fileaudit.server.health;

import org.jspecify.annotations.NullMarked;
