/**
 * The PostgreSQL that the service brings along and runs itself where it is given none.
 *
 * <p>Everything here blocks and belongs on an ordinary thread, before the reactive service starts
 * and after it has stopped. It is the one place beside the migrations where JDBC is used: to make
 * the roles and the database, and to check the server's settings.
 */
@NullMarked
package io.fileaudit.server.database;

import org.jspecify.annotations.NullMarked;
