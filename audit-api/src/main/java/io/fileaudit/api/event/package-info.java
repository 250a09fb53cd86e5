/** Events on the wire: what loaders report about files, and how the service answers. */
@NullMarked
package io.fileaudit.api.event;

import org.jspecify.annotations.NullMarked;
