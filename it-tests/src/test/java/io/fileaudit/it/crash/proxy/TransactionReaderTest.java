package io.fileaudit.it.crash.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionReaderTest {
  private final TransactionReader transaction = new TransactionReader();

  private Set<Point> query(String sql) {
    return transaction.before('Q', bytes(sql + "\0"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COPY ledger (namespace, batch) FROM STDIN",
        "copy audit.ledger from stdin (format binary)",
        "COPY \"audit\".\"ledger\" FROM STDIN",
        "INSERT INTO audit.ledger SELECT * FROM unnest($1)",
        "UPDATE batch_state SET version = 2; INSERT\n INTO ledger VALUES (1)"
      })
  void statementThatWritesToTheLedgerIsAPoint(String sql) {
    assertThat(query(sql)).containsExactly(Point.BEFORE_THE_LEDGER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM ledger",
        "COPY ledger_of_others FROM STDIN",
        "INSERT INTO manifest VALUES ('ledger')",
        "SELECT 1"
      })
  void otherStatementsAreNone(String sql) {
    assertThat(query(sql)).isEmpty();
    assertThat(query("COMMIT")).as("nothing was written").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"COMMIT", "commit;", "END", "UPDATE batch_state SET version = 2; COMMIT"})
  void commitOfEventsStandsBeforeAndAfter(String sql) {
    query("BEGIN");
    query("COPY ledger FROM STDIN");
    transaction.before('d', bytes("default\tb\t0\tCOMPLETED"));
    transaction.before('c', new byte[0]);

    assertThat(query(sql))
        .containsExactly(Point.BEFORE_THE_COMMIT, Point.AFTER_THE_COMMIT, Point.IN_ITS_SHUTDOWN);
  }

  @Test
  void commitOfRecordsOfKafkaStandsBeforeTheirOffsetIsStored() {
    query("COPY ledger FROM STDIN");
    transaction.before('d', bytes("{\"producer\":\"kafka:q/1\"}"));

    assertThat(query("COMMIT"))
        .contains(Point.BEFORE_THE_COMMIT, Point.BEFORE_THE_OFFSET_IS_STORED);
  }

  @Test
  void commitOfACheckpointIsAPointOfItsOwn() {
    query("INSERT INTO checkpoint (size, note) VALUES (1, 'note')");

    assertThat(query("COMMIT")).containsExactly(Point.BEFORE_A_SEALS_COMMIT);
    assertThat(query("SELECT note FROM checkpoint")).isEmpty();
    assertThat(query("COMMIT")).isEmpty();
  }

  @Test
  void judgedBatchesAreThoseOfTheLastCommit() {
    UUID batch = new UUID(1, 2);
    query("COPY ledger FROM STDIN");
    transaction.before('d', bytes("{\"batch\":\"" + batch + "\",\"status\":\"TIMED_OUT\"}"));
    query("COMMIT");

    assertThat(transaction.judged()).containsExactly(batch);
    query("COMMIT");
    assertThat(transaction.judged()).isEmpty();
  }

  @Test
  void commitOfAVerdictIsAPointOfItsOwn() {
    query("COPY ledger FROM STDIN");
    transaction.before('d', bytes("{\"status\":\"TIMED_OUT\"}"));

    assertThat(query("COMMIT")).containsExactly(Point.BEFORE_A_VERDICTS_COMMIT);
  }

  @Test
  void preparedStatementsAreKnownByTheirNames() {
    transaction.before('P', bytes("S_1\0INSERT INTO ledger VALUES ($1)\0"));
    transaction.before('P', bytes("S_2\0COMMIT\0"));

    assertThat(transaction.before('B', bytes("B_1\0S_1\0"))).contains(Point.BEFORE_THE_LEDGER);
    assertThat(transaction.before('B', bytes("B_2\0S_2\0"))).contains(Point.BEFORE_THE_COMMIT);
    assertThat(transaction.before('B', bytes("B_3\0S_3\0"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"COMMIT", "ROLLBACK", "BEGIN"})
  void nextTransactionBeginsAnew(String end) {
    query("COPY ledger FROM STDIN");
    transaction.before('d', bytes("TIMED_OUT"));
    query(end);

    assertThat(query("COMMIT")).isEmpty();
    query("COPY ledger FROM STDIN");
    assertThat(query("COMMIT")).contains(Point.BEFORE_THE_COMMIT);
  }

  @Test
  void messagesWithoutSqlAreNoPoints() {
    query("COPY ledger FROM STDIN");

    for (char type : List.of('S', 'E', 'D', 'c', 'X', 'H')) {
      assertThat(transaction.before(type, bytes("COMMIT"))).isEmpty();
    }
  }
}
