/**
 * Proxies before PostgreSQL and before a service, by which tests stop a transaction or a feed at
 * named points, break connections and hold them up.
 */
@NullMarked
package io.fileaudit.it.crash.proxy;

import org.jspecify.annotations.NullMarked;
