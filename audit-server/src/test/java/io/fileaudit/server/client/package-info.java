/** The client library against the real service over a store in memory. */
@NullMarked
package io.fileaudit.server.client;

import org.jspecify.annotations.NullMarked;
