package io.fileaudit.r2dbc.load;

import io.fileaudit.r2dbc.test.TestPostgres;

/** Loads into PostgreSQL 15. */
class Postgres15LoadTest extends LoadTargetContract {
  @Override
  TestPostgres server() {
    return TestPostgres.external15();
  }
}
