/** The client library against services and loaders that die. */
@NullMarked
package io.fileaudit.it.client;

import org.jspecify.annotations.NullMarked;
