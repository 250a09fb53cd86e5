/** The store on PostgreSQL: SQL, transactions, error mapping and the connection pool. */
@NullMarked
package io.fileaudit.r2dbc;

import org.jspecify.annotations.NullMarked;
