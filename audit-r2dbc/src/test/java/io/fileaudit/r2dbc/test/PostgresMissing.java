package io.fileaudit.r2dbc.test;

import org.opentest4j.TestAbortedException;

/** A PostgreSQL that a test wants is not installed; JUnit reports the test as skipped for it. */
public final class PostgresMissing extends TestAbortedException {
  private static final long serialVersionUID = 1L;

  PostgresMissing(String message) {
    super(message);
  }
}
