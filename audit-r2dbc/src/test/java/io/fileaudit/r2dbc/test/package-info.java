/**
 * Real PostgreSQL servers for tests, of this module and of those that build on it: one server of
 * each version per JVM, a fresh database for each test.
 */
@NullMarked
package io.fileaudit.r2dbc.test;

import org.jspecify.annotations.NullMarked;
