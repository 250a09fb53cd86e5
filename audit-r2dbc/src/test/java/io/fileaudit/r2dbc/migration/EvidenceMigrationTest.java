package io.fileaudit.r2dbc.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.r2dbc.test.TestDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** Ledgers and a log from before there was evidence have it afterwards. */
class EvidenceMigrationTest {
  private static final int ROWS = 13;

  private static PostgresSettings owner(TestDatabase database) {
    return PostgresSettings.of(
        database.host(),
        database.port(),
        database.name(),
        database.ownerUser(),
        database.ownerPassword());
  }

  private static void migrateToBefore(TestDatabase database) {
    PostgresSettings owner = owner(database);
    Flyway.configure()
        .dataSource(owner.jdbcUrl(), owner.user(), owner.password())
        .schemas("audit")
        .createSchemas(true)
        .locations("classpath:io/fileaudit/r2dbc/migration")
        .placeholders(Map.of("schema", "audit", "service", '"' + database.serviceUser() + '"'))
        .target("13")
        .load()
        .migrate();
  }

  private static CompactRange tree(String prefix, int rows) {
    CompactRange tree = CompactRange.EMPTY;
    for (int i = 0; i < rows; i++) {
      tree = tree.with(Hash.leaf((prefix + i + " é").getBytes(StandardCharsets.UTF_8)));
    }
    return tree;
  }

  @Test
  void whatIsThereGetsItsTrees() throws Exception {
    try (TestDatabase database =
            TestPostgres.embedded18().freshDatabase(EvidenceMigrationTest::migrateToBefore);
        Connection connection =
            DriverManager.getConnection(
                owner(database).jdbcUrl(), database.ownerUser(), database.ownerPassword());
        Statement statement = connection.createStatement()) {
      statement.execute("SET search_path = audit");
      statement.execute(
          "INSERT INTO batch (namespace, id, labels, spec, limits, words, opened_at)"
              + " SELECT 'n', id, '{}', '{}', '{}', '', now() FROM unnest(ARRAY["
              + "'00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002']::uuid[]) id");
      statement.execute(
          "INSERT INTO batch_state (namespace, batch, status, run, next_seq, version, run_opened_at, tally, opened_at)"
              + " SELECT 'n', id, 'RUNNING', 1, CASE WHEN row_number() OVER () = 1 THEN "
              + ROWS
              + " ELSE 0 END, 1, now(), '{}', now() FROM (SELECT id FROM batch ORDER BY id) b");
      statement.execute(
          "INSERT INTO ledger SELECT 'n', '00000000-0000-0000-0000-000000000001', i, NULL, 'row ' || i || ' é'"
              + " FROM generate_series(0, "
              + (ROWS - 1)
              + ") i");
      statement.execute(
          "INSERT INTO log (namespace, batch, run, kind, recorded_at, body, number, version)"
              + " SELECT 'n', '00000000-0000-0000-0000-000000000001', i, 'ended', now(), 'entry ' || (i - 1) || ' é', i, 0"
              + " FROM generate_series(1, 6) i");
      statement.execute("UPDATE log_head SET number = 6");

      Migrations.migrate(owner(database), database.serviceUser());

      assertThat(bytes(statement, "SELECT tree FROM batch_state WHERE next_seq > 0"))
          .isEqualTo(tree("row ", ROWS).bytes());
      assertThat(bytes(statement, "SELECT tree FROM batch_state WHERE next_seq = 0")).isEmpty();
      assertThat(bytes(statement, "SELECT hash FROM log_node WHERE level = 2 AND place = 0"))
          .isEqualTo(tree("entry ", 4).root().bytes());
      try (ResultSet nodes = statement.executeQuery("SELECT count(*) FROM log_node")) {
        nodes.next();
        assertThat(nodes.getInt(1)).isEqualTo(6 + 3 + 1);
      }
    }
  }

  private static byte[] bytes(Statement statement, String sql) throws Exception {
    try (ResultSet found = statement.executeQuery(sql)) {
      assertThat(found.next()).isTrue();
      return found.getBytes(1);
    }
  }
}
