/** What a service does that is started as people start it, by itself and over a given database. */
@NullMarked
package io.fileaudit.it.serve;

import org.jspecify.annotations.NullMarked;
