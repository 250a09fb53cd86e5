/** Webhooks: who is told of what, and how that went. */
@NullMarked
package io.fileaudit.api.hook;

import org.jspecify.annotations.NullMarked;
