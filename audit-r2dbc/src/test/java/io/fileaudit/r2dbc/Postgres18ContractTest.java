package io.fileaudit.r2dbc;

import io.fileaudit.r2dbc.test.TestPostgres;

/** The contract on PostgreSQL 18. */
class Postgres18ContractTest extends PostgresContract {
  @Override
  TestPostgres server() {
    return TestPostgres.embedded18();
  }
}
