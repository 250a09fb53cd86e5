/** Webhooks: the calls about them, the addresses they may go to, and the way there. */
@NullMarked
package io.fileaudit.server.hook;

import org.jspecify.annotations.NullMarked;
