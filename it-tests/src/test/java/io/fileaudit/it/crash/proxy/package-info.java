/**
 * A proxy before PostgreSQL, by which tests stop a transaction at named points and break
 * connections.
 */
@NullMarked
package io.fileaudit.it.crash.proxy;

import org.jspecify.annotations.NullMarked;
