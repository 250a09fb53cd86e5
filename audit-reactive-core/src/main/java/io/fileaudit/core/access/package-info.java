/** Who may do what: scopes, whom a request comes from, and the keys that the store keeps. */
@NullMarked
package io.fileaudit.core.access;

import org.jspecify.annotations.NullMarked;
