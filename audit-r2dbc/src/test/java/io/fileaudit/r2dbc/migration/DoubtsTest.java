package io.fileaudit.r2dbc.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.r2dbc.test.TestDatabase;
import io.fileaudit.r2dbc.test.TestPostgres;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of a database that does not bear what is promised on it. */
class DoubtsTest {

  private static List<String> doubts(boolean ownRole) {
    try (TestDatabase database = TestPostgres.embedded18().freshDatabase()) {
      PostgresSettings owner = settings(database, database.ownerUser(), database.ownerPassword());
      PostgresSettings service =
          settings(database, database.serviceUser(), database.servicePassword());
      Migrations.migrate(owner, service.user());
      return Doubts.about(ownRole ? service : owner);
    }
  }

  private static PostgresSettings settings(TestDatabase database, String user, String password) {
    return PostgresSettings.of(database.host(), database.port(), database.name(), user, password);
  }

  @Test
  void serverThatLosesCommitsIsNamed() {
    assertThat(doubts(true))
        .anyMatch(doubt -> doubt.startsWith("fsync is off"))
        .noneMatch(doubt -> doubt.contains("ledger"));
  }

  @Test
  void roleThatMayChangeTheLedgerIsNamed() {
    assertThat(doubts(false)).anyMatch(doubt -> doubt.contains("may change and delete the ledger"));
  }
}
