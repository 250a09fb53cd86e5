package io.fileaudit.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.Line;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** One record: whose it is and what it says, as a plain event or as a CloudEvent. */
class RecordReaderTest {
  private static final UUID BATCH = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
  private static final String HEAD =
      "\"specversion\":\"1.0\",\"source\":\"/w3\",\"id\":\"17\",\"type\":\"io.fileaudit.file.completed\"";

  private final RecordReader reader = new RecordReader();

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private RecordReader.Read read(String key, String value) {
    return reader.read(
        new Received(
            "kafka:t/0", "events", 0, 42, key == null ? null : utf8(key), utf8("{" + value + "}")));
  }

  private RecordReader.Addressed addressed(String key, String value) {
    RecordReader.Read read = read(key, value);
    assertThat(read).as(read.toString()).isInstanceOf(RecordReader.Addressed.class);
    return (RecordReader.Addressed) read;
  }

  private static String text(Line line) {
    return new String(line.text(), StandardCharsets.UTF_8);
  }

  @Test
  void dataOfACloudEventIsTheRecordThatAPlainOneWouldBe() {
    String envelope = "\"batch\":\"" + BATCH + "\",\"namespace\":\"ours\",\"run\":2,";
    String fields = "\"file\":\"a\",\"rows\":3";

    RecordReader.Addressed carried =
        addressed(BATCH.toString(), HEAD + ",\"data\":{" + envelope + fields + "}");
    RecordReader.Addressed plain =
        addressed(
            BATCH.toString(), envelope + fields + ",\"type\":\"COMPLETED\",\"id\":\"/w3 17\"");

    assertThat(carried.batch()).isEqualTo(new BatchKey("ours", BATCH)).isEqualTo(plain.batch());
    assertThat(carried.run()).isEqualTo(2).isEqualTo(plain.run());
    assertThat(text(carried.line())).isEqualTo(text(plain.line()));
    assertThat(((Line.Readable) carried.line()).event())
        .isEqualTo(((Line.Readable) plain.line()).event());
    assertThat(((Line.Readable) carried.line()).event().position()).isEqualTo(42);
  }

  @Test
  void keyNamesTheBatchOfACloudEventAsWell() {
    RecordReader.Addressed read = addressed(BATCH.toString(), HEAD + ",\"subject\":\"a\"");

    assertThat(read.batch()).isEqualTo(new BatchKey("default", BATCH));
    assertThat(text(read.line()))
        .isEqualTo("{\"file\":\"a\",\"id\":\"/w3 17\",\"type\":\"COMPLETED\"}");
  }

  @Test
  void cloudEventThatIsWrongIsRefusedInItsBatchUnderItsKey() {
    RecordReader.Addressed read =
        addressed(
            BATCH.toString(),
            HEAD.replace("1.0", "0.3") + ",\"data\":{\"namespace\":\"ours\",\"run\":2}");

    assertThat(read.batch()).isEqualTo(new BatchKey("ours", BATCH));
    assertThat(read.run()).isEqualTo(2);
    Line.Unreadable line = (Line.Unreadable) read.line();
    assertThat(line.refusal().detail()).isEqualTo("specversion is \"0.3\", expected \"1.0\"");
    assertThat(line.id()).isEqualTo("/w3 17");
    assertThat(line.position()).isEqualTo(42);
  }

  @Test
  void cloudEventOfWhichNobodyKnowsTheBatchIsUndeliverable() {
    RecordReader.Read read = read(null, HEAD + ",\"data_base64\":\"?\"");

    assertThat(read).isInstanceOf(RecordReader.Undeliverable.class);
    assertThat(((RecordReader.Undeliverable) read).refusal().detail()).contains("data_base64 is");
  }
}
