/** The schema and how it comes about: the one place that uses JDBC. */
@NullMarked
package io.fileaudit.r2dbc.migration;

import org.jspecify.annotations.NullMarked;
