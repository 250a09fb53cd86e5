/** Loads rows into tables of a PostgreSQL database, which need not be the service's own. */
@NullMarked
package io.fileaudit.r2dbc.load;

import org.jspecify.annotations.NullMarked;
