package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.json.AuditJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Events that come late, again, corrected or at one time over HTTP: each is counted once, and a
 * line with a bad figure not at all.
 */
class ExactlyOnceCallsTest {
  private static final int SENDERS = 8;
  private static final int ROUNDS = 10;

  private static Node node;

  @BeforeAll
  static void start() {
    node = Node.start();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String positioned(int... positions) {
    return IntStream.of(positions)
        .mapToObj(i -> completed("f" + i, 1, "\"position\":" + i))
        .collect(Collectors.joining());
  }

  private static String named(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(i -> completed("f" + i, 1, "\"id\":\"id-" + i + "\""))
        .collect(Collectors.joining());
  }

  private static String completed(String file, int rows, String key) {
    return "{\"type\":\"COMPLETED\",\"file\":\"" + file + "\",\"rows\":" + rows + "," + key + "}\n";
  }

  private static Answer send(String batch, String lines) {
    return node.events(batch, lines, "Audit-Producer", "p");
  }

  private static void assertCounts(JsonNode ack, int accepted, int duplicates, int refused) {
    assertThat(List.of("accepted", "duplicates", "refused"))
        .extracting(name -> ack.at("/" + name).asInt())
        .as("%s", ack)
        .containsExactly(accepted, duplicates, refused);
  }

  private static long ledgerRows(String batch) {
    return node.get(batch + "/ledger").is(200).body().lines().count();
  }

  @Test
  void lateEventsOfTheOtherRequestOfOneProducerAreTaken() throws IOException {
    String batch = node.opened("");
    String[] headers = {"Accept", Node.NDJSON, "Audit-Producer", "p"};
    try (StreamingCall one = node.streaming(batch, headers);
        StreamingCall other = node.streaming(batch, headers)) {
      one.send(positioned(2, 4, 10));
      assertCounts(AuditJson.lenient().readTree(one.line()), 3, 0, 0);
      other.send(positioned(1, 3, 5));
      assertCounts(AuditJson.lenient().readTree(other.line()), 3, 0, 0);
      one.send(positioned(6, 11));
      assertCounts(AuditJson.lenient().readTree(one.line()), 2, 0, 0);
      other.send(positioned(7, 8, 9, 10, 12));
      assertCounts(AuditJson.lenient().readTree(other.line()), 4, 1, 0);
      one.end();
      other.end();
    }

    assertThat(ledgerRows(batch)).isEqualTo(12);
    assertThat(node.get(batch).at("/totals/rows")).isEqualTo("12");
    assertThat(node.get(batch + "/producers").at("/items/0/position")).isEqualTo("12");
    assertCounts(
        send(batch, positioned(IntStream.rangeClosed(1, 12).toArray())).is(200).json(), 0, 12, 0);
  }

  @Test
  void refusedLineIsCorrectedAtItsOldPosition() {
    String batch = node.opened("");
    String bad = "{\"type\":\"COMPLETED\",\"file\":\"f2\",\"rows\":\"many\",\"position\":2}\n";
    assertCounts(send(batch, positioned(1) + bad + positioned(3, 4)).is(200).json(), 3, 0, 1);

    Answer corrected = send(batch, positioned(1, 2, 3, 4)).is(200);

    assertCounts(corrected.json(), 1, 3, 0);
    assertThat(node.get(batch + "/rejected").items("resolution")).containsExactly("replayed");
    node.send("PUT", batch + "/status", "{\"status\":\"COMPLETED\"}").is(200);
    assertThat(node.get(batch).at("/status")).as("nothing is open").isEqualTo("COMPLETED");
    assertThat(node.get(batch).at("/totals/rows")).isEqualTo("4");
  }

  @Test
  void ofARequestThatIsPartlyKnownTheRestIsTaken() {
    String batch = node.opened("");
    send(batch, positioned(1, 2, 3) + named(11, 13)).is(200);

    Answer again = send(batch, positioned(2, 3, 4) + named(13, 15)).is(200);

    assertCounts(again.json(), 3, 3, 0);
    assertThat(again.json().at("/duplicate").asBoolean()).isFalse();
    assertThat(again.at("/first_seq")).isEqualTo("6");
    assertThat(again.at("/last_seq")).isEqualTo("8");
    assertThat(ledgerRows(batch)).isEqualTo(9);
  }

  @Test
  void requestOfASingleSenderThreeTimesGivesOneLedger() {
    String batch = node.opened("");
    node.events(batch, named(1, 200)).is(200);
    String ledger = node.get(batch + "/ledger").is(200).body();

    for (int i = 0; i < 2; i++) {
      Answer again = node.events(batch, named(1, 200)).is(200);
      assertCounts(again.json(), 0, 200, 0);
      assertThat(again.json().at("/duplicate").asBoolean()).isTrue();
    }

    assertThat(node.get(batch + "/ledger").body()).isEqualTo(ledger);
    assertThat(ledger.lines()).hasSize(200);
  }

  @Test
  void idUsedForOtherContentIsAConflict() {
    String batch = node.opened("");
    node.events(batch, completed("a", 1, "\"id\":\"x-1\"")).is(200);

    Answer refused =
        node.events(batch, completed("a", 2, "\"id\":\"x-1\"")).isProblem(409, "key-conflict");

    assertThat(refused.at("/detail")).contains("x-1");
    assertThat(node.get(batch).at("/totals/rows")).isEqualTo("1");
  }

  @Test
  void repeatsByIdAreRecognisedAfterTheEndBeforeAnythingIsRefused() {
    String batch = node.opened("");
    node.events(batch, named(1, 2)).is(200);
    node.send("PUT", batch + "/status", "{\"status\":\"FAILED\"}").is(200);

    Answer repeat = node.events(batch, named(1, 2), "Audit-Run", "1").is(200);
    Answer mixed = node.events(batch, named(2, 3)).is(200);
    Answer later = node.events(batch, named(1, 2), "Audit-Run", "7").is(200);

    assertCounts(repeat.json(), 0, 2, 0);
    assertThat(repeat.at("/verdict/status")).isEqualTo("FAILED");
    assertCounts(mixed.json(), 0, 1, 1);
    assertThat(mixed.at("/refusals/0/type")).isEqualTo("batch-ended");
    assertCounts(later.json(), 0, 2, 0);
    node.events(batch, named(3, 4)).isProblem(409, "batch-ended");
    node.events(batch, completed("f1", 9, "\"id\":\"id-1\"")).isProblem(409, "key-conflict");
  }

  @Test
  void requestsWithTheSameIdsAtOneMomentAreStoredOnce() throws Exception {
    String batch = node.opened("");
    CyclicBarrier together = new CyclicBarrier(SENDERS);
    ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        String lines = named(10 * round, 10 * round + 9);
        List<Future<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < SENDERS; i++) {
          answers.add(
              senders.submit(
                  () -> {
                    together.await(20, TimeUnit.SECONDS);
                    return node.events(batch, lines).is(200);
                  }));
        }
        int accepted = 0;
        int duplicates = 0;
        for (Future<Answer> answer : answers) {
          accepted += answer.get(20, TimeUnit.SECONDS).json().at("/accepted").asInt();
          duplicates += answer.get().json().at("/duplicates").asInt();
        }
        assertThat(List.of(accepted, duplicates)).containsExactly(10, 10 * (SENDERS - 1));
      }
    } finally {
      senders.shutdownNow();
    }
    assertThat(ledgerRows(batch)).isEqualTo(10 * ROUNDS);
    assertThat(node.get(batch).json().at("/totals/rows").asInt()).isEqualTo(10 * ROUNDS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'rows':-1",
        "'rows':1.5",
        "'rows':'7'",
        "'rows':9007199254740992",
        "'rows':1e3",
        "'rows':7,'bytes':-1",
        "'bytes':-1,'rows':7",
        "'rows':7,'bytes':7.5",
        "'rows':7,'bytes':9007199254740992",
        "'rows':7,'bytes':7,'rejected_rows':-1",
        "'rows':7,'bytes':7,'rejected_rows':'0'",
      })
  void lineWithABadFigureIsRefusedWholeAndMovesNoTotals(String figures) {
    String batch = node.opened("");
    send(
            batch,
            "{\"type\":\"PROGRESS\",\"file\":\"a\",\"rows\":3,\"bytes\":5,\"position\":1}\n"
                + completed("b", 2, "\"position\":2"))
        .is(200);
    JsonNode before = node.get(batch).json().at("/totals");
    String bad =
        "{'type':'COMPLETED','file':'a','position':3,".replace('\'', '"')
            + figures.replace('\'', '"')
            + "}\n";

    send(batch, bad).isProblem(422, "invalid-event");
    Answer between = send(batch, bad + positioned(4) + bad).is(200);

    assertCounts(between.json(), 1, 0, 2);
    assertThat(node.get(batch + "/files?q=a").is(200).body())
        .as("the file is what it was")
        .contains("\"rows\":3")
        .contains("RUNNING");
    JsonNode after = node.get(batch).json().at("/totals");
    assertThat(after.at("/rows").asLong()).isEqualTo(before.at("/rows").asLong() + 1);
    assertThat(after.at("/bytes").asLong()).isEqualTo(before.at("/bytes").asLong());
    assertThat(after.at("/rows_in_flight").asLong()).isEqualTo(3);
    assertThat(after.at("/rejected_rows").asLong()).isZero();
    assertThat(after.at("/events").asLong()).isEqualTo(3);
    assertThat(after.at("/refused").asLong()).as("one text, kept once").isEqualTo(1);
    assertThat(ledgerRows(batch)).isEqualTo(3);
    assertCounts(send(batch, completed("a", 3, "\"position\":3")).is(200).json(), 1, 0, 0);
  }
}
