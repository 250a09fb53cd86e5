/** Tests of the client, against a small server that answers what a test tells it to. */
@NullMarked
package io.fileaudit.api.client;

import org.jspecify.annotations.NullMarked;
