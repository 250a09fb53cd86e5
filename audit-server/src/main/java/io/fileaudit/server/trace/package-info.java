/** Traces of requests and of their commits. */
@NullMarked
package io.fileaudit.server.trace;

import org.jspecify.annotations.NullMarked;
