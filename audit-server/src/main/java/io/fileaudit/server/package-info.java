/** The service: its settings, and its start and stop. */
@NullMarked
package io.fileaudit.server;

import org.jspecify.annotations.NullMarked;
