/** Loading into real PostgreSQL servers. */
@NullMarked
package io.fileaudit.r2dbc.load;

import org.jspecify.annotations.NullMarked;
