/** Server-sent events over HTTP. */
@NullMarked
package io.fileaudit.server.feed;

import org.jspecify.annotations.NullMarked;
