package io.fileaudit.r2dbc;

import io.fileaudit.r2dbc.test.TestPostgres;

/** The contract on PostgreSQL 15. */
class Postgres15ContractTest extends PostgresContract {
  @Override
  TestPostgres server() {
    return TestPostgres.external15();
  }
}
