/** Feeds of real services, cut off and gone on with. */
@org.jspecify.annotations.NullMarked
package io.fileaudit.it.live;
