/** The client of the audit service: what loaders and the command line call it by. */
@NullMarked
package io.fileaudit.api.client;

import org.jspecify.annotations.NullMarked;
