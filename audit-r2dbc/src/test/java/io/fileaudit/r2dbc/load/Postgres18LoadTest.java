package io.fileaudit.r2dbc.load;

import io.fileaudit.r2dbc.test.TestPostgres;

/** Loads into PostgreSQL 18. */
class Postgres18LoadTest extends LoadTargetContract {
  @Override
  TestPostgres server() {
    return TestPostgres.embedded18();
  }
}
