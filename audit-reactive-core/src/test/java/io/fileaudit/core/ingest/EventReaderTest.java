package io.fileaudit.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.event.Ended;
import io.fileaudit.api.event.EventError;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.event.Heartbeat;
import io.fileaudit.api.event.Opened;
import io.fileaudit.core.ledger.Line;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One line: an event with its canonical form, or a refusal that says what was wrong. */
class EventReaderTest {
  private final EventReader reader = new EventReader();

  private Line read(byte[] bytes) {
    return reader.read(7, bytes, 0, bytes.length);
  }

  private Line read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private Line.Readable readable(String text) {
    Line line = read(text);
    assertThat(line).as(String.valueOf(line)).isInstanceOf(Line.Readable.class);
    return (Line.Readable) line;
  }

  private Line.Unreadable refused(byte[] bytes, int status, String type) {
    Line line = read(bytes);
    assertThat(line).isInstanceOf(Line.Unreadable.class);
    Line.Unreadable unreadable = (Line.Unreadable) line;
    assertThat(unreadable.refusal().status()).as(unreadable.refusal().detail()).isEqualTo(status);
    assertThat(unreadable.refusal().type()).isEqualTo(type);
    assertThat(unreadable.refusal().line()).isEqualTo(7);
    assertThat(unreadable.number()).isEqualTo(7);
    assertThat(unreadable.refusal().detail()).isNotBlank().doesNotContain("\n");
    return unreadable;
  }

  private Line.Unreadable refused(String text, int status, String type) {
    return refused(text.getBytes(StandardCharsets.UTF_8), status, type);
  }

  @Test
  void everyFieldIsRead() {
    Line.Readable line =
        readable(
            """
            {"type":"FAILED","file":"landing/a","at":"2026-11-23T15:00:00.123456789+01:00","attempt":2,"rows":4494860,
            "rejected_rows":3,"bytes":9007199254740991,"checksum":"sha256:9f86","position":0,"id":"0197",
            "error":{"code":"bad-date","message":"","line":12,"column":4},"attributes":{"worker":"w3","n":[1,{}]}}
            """);

    assertThat(line.event())
        .isEqualTo(
            new FileEvent(
                EventType.FAILED,
                "landing/a",
                Instant.parse("2026-11-23T14:00:00.123456789Z"),
                2,
                4_494_860L,
                3L,
                9_007_199_254_740_991L,
                "sha256:9f86",
                0L,
                "0197",
                new EventError("bad-date", "", 12L, 4L),
                Map.of("worker", "w3", "n", List.of(1, Map.of()))));
  }

  @Test
  void canonicalFormIsWhatWasSent() {
    Line.Readable line =
        readable(
            " { \"rows\" : 10 , \"file\":\"\\u0061\\/b\", \"type\":\"PROGRESS\", \"at\":\"2026-11-23t14:00:00z\" } ");

    assertThat(new String(line.canonical(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"at\":\"2026-11-23t14:00:00z\",\"file\":\"a/b\",\"rows\":10,\"type\":\"PROGRESS\"}");
    assertThat(line.text()).isEqualTo(line.canonical());
    assertThat(line.event().at()).isEqualTo(Instant.parse("2026-11-23T14:00:00Z"));
  }

  @Test
  void defaultsApplyOnReadingAndAreNotStored() {
    Line.Readable line = readable("{\"type\":\"STARTED\",\"file\":\"a\"}");

    assertThat(((FileEvent) line.event()).attemptOrFirst()).isEqualTo(1);
    assertThat(((FileEvent) line.event()).attributes()).isEmpty();
    assertThat(line.event().at()).isNull();
    assertThat(new String(line.canonical(), StandardCharsets.UTF_8))
        .isEqualTo("{\"file\":\"a\",\"type\":\"STARTED\"}");
  }

  @Test
  void otherEventsAreRead() {
    assertThat(readable("{\"type\":\"HEARTBEAT\"}").event())
        .isEqualTo(new Heartbeat(null, null, null));
    assertThat(
            readable(
                    "{\"type\":\"ENDED\",\"status\":\" failed \",\"message\":\"disk\",\"position\":5,\"id\":\"e\"}")
                .event())
        .isEqualTo(new Ended(BatchStatus.FAILED, "disk", null, 5L, "e"));
    Opened opened =
        (Opened)
            readable(
                    "{\"type\":\"OPENED\",\"table\":\"t\",\"limits\":{\"idle\":\"off\"},\"position\":1,\"at\":\"2026-11-23T14:00:00Z\"}")
                .event();
    assertThat(opened.spec().table()).isEqualTo("t");
    assertThat(opened.spec().limits().idle()).isEqualTo(Limit.off());
    assertThat(opened.position()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'; DROP TABLE ledger; --",
        "<script>alert(1)</script>",
        "a\r\nb\u001b[31m",
        "${jndi:ldap://x}",
        "=cmd|'/c calc'!A1",
        "../../etc/passwd",
        "\u202etxt.exe",
        " "
      })
  void textIsTakenWordForWord(String text) {
    String json =
        io.fileaudit.api.json.CanonicalJson.text(
            Map.of("type", "STARTED", "file", text, "id", text));

    Line.Readable line = readable(json);

    assertThat(((FileEvent) line.event()).file()).isEqualTo(text);
    assertThat(line.event().id()).isEqualTo(text);
    assertThat(new String(line.canonical(), StandardCharsets.UTF_8)).isEqualTo(json);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          hello
          {"type":"COMPLETED","fi
          {"type":"COMPLETED","file":"a"
          {"type":"COMPLETED","file":"a",}
          {"type":"COMPLETED" "file":"a"}
          {'type':'COMPLETED'}
          {type:"COMPLETED"}
          {"type":"COMPLETED","file":"a","file":"a"}
          {"type":"COMPLETED","file":"a","attributes":{"x":1,"x":1}}
          {"type":"COMPLETED","file":"a","rows":01}
          {"type":"COMPLETED","file":"a","rows":+1}
          {"type":"COMPLETED","file":"a","rows":0x1F}
          {"type":"COMPLETED","file":"a","rows":NaN}
          {"type":"COMPLETED","file":"a","rows":1.}
          {"type":"COMPLETED","file":"a\\x"}
          {"type":"COMPLETED","file":"\\u12"}
          // {"type":"COMPLETED","file":"a"}
          {"type":"COMPLETED","file":"a"} // why
          TRUE
          {"type":"STARTED","file":"a","attributes":{"\\udc00":1}}
          """)
  void whatIsNoJsonIsMalformed(String text) {
    refused(text, 400, "malformed-json");
  }

  @Test
  void rawControlCharactersAreMalformed() {
    refused("{\"type\":\"COMPLETED\",\"file\":\"a\tb\"}", 400, "malformed-json");
    assertThat(
            refused("{\"type\":\"COMPLETED\",\"file\":\"a\0b\"}", 400, "malformed-json")
                .refusal()
                .detail())
        .contains("NUL");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80",
        "c3",
        "c328",
        "c080",
        "eda080",
        "f5808080",
        "f4908080",
        "e28261",
        "ff",
        "fe"
      })
  void whatIsNoUtf8IsMalformed(String hex) {
    byte[] before = "{\"type\":\"STARTED\",\"file\":\"a".getBytes(StandardCharsets.US_ASCII);
    byte[] bad = HexFormat.of().parseHex(hex);
    byte[] after = "\"}".getBytes(StandardCharsets.US_ASCII);
    byte[] line = Arrays.copyOf(before, before.length + bad.length + after.length);
    System.arraycopy(bad, 0, line, before.length, bad.length);
    System.arraycopy(after, 0, line, before.length + bad.length, after.length);

    assertThat(refused(line, 400, "malformed-json").refusal().detail()).contains("UTF-8");
  }

  @Test
  void whatIsTooDeepIsMalformed() {
    refused(
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"x\":"
            + "[".repeat(1_000)
            + "]".repeat(1_000)
            + "}}",
        400,
        "malformed-json");
    readable(
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"x\":"
            + "[".repeat(20)
            + "]".repeat(20)
            + "}}");
  }

  @Test
  void numberOfTenThousandDigitsIsMalformed() {
    refused(
        "{\"type\":\"STARTED\",\"file\":\"a\",\"rows\":" + "9".repeat(10_000) + "}",
        400,
        "malformed-json");
    refused(
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"x\":0." + "9".repeat(10_000) + "}}",
        400,
        "malformed-json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          []                                                                     | object
          null                                                                   | object
          5                                                                      | object
          "STARTED"                                                              | object
          [{"type":"STARTED","file":"a"}]                                        | object
          {"type":"STARTED","file":"a"} {"type":"STARTED","file":"b"}            | one
          {}                                                                     | type
          {"type":null,"file":"a"}                                               | type
          {"type":"DELETED","file":"a"}                                          | DELETED
          {"type":"started","file":"a"}                                          | started
          {"type":5,"file":"a"}                                                  | 5
          {"type":"STARTED"}                                                     | file
          {"type":"STARTED","file":null}                                         | file
          {"type":"STARTED","file":""}                                           | file has 0
          {"type":"STARTED","file":7}                                            | file is 7
          {"type":"STARTED","file":"\\u0000"}                                    | U+0000
          {"type":"STARTED","file":"a","id":"\\u0000"}                           | U+0000
          {"type":"FAILED","file":"a","error":{"message":"\\u0000"}}             | U+0000
          {"type":"FAILED","file":"a","attributes":{"x":["\\u0000"]}}            | U+0000
          {"type":"FAILED","file":"a","attributes":{"\\u0000":1}}                | U+0000
          {"type":"STARTED","file":"\\ud800"}                                    | surrogate
          {"type":"STARTED","file":"a","attributes":{"x":"\\udc00"}}             | surrogate
          {"type":"STARTED","file":"a","chekcsum":"md5:1"}                       | chekcsum
          {"type":"STARTED","file":"a","status":"COMPLETED"}                     | status
          {"type":"STARTED","file":"a","rows":-1}                                | rows is -1
          {"type":"STARTED","file":"a","bytes":9007199254740992}                 | bytes is 9007199254740992
          {"type":"STARTED","file":"a","bytes":123456789012345678901234567890}   | bytes is 1234567890
          {"type":"STARTED","file":"a","rejected_rows":1.0}                      | rejected_rows is 1.0
          {"type":"STARTED","file":"a","rows":1e3}                               | plain digits
          {"type":"STARTED","file":"a","rows":"5"}                               | rows is "5"
          {"type":"STARTED","file":"a","rows":true}                              | rows is true
          {"type":"STARTED","file":"a","position":-1}                            | position is -1
          {"type":"STARTED","file":"a","position":9007199254740992}              | position is 9007199254740992
          {"type":"STARTED","file":"a","attempt":0}                              | attempt is 0
          {"type":"STARTED","file":"a","attempt":1000001}                        | attempt is 1000001
          {"type":"STARTED","file":"a","id":""}                                  | id has 0
          {"type":"STARTED","file":"a","id":5}                                   | id is 5
          {"type":"STARTED","file":"a","checksum":"9f86"}                        | 9f86
          {"type":"STARTED","file":"a","checksum":"sha256:"}                     | sha256:
          {"type":"STARTED","file":"a","checksum":"sha256:a b"}                  | sha256:a b
          {"type":"STARTED","file":"a","at":"yesterday"}                         | yesterday
          {"type":"STARTED","file":"a","at":"2026-11-23T14:00:00"}               | 2026-11-23T14:00:00
          {"type":"STARTED","file":"a","at":"2026-02-30T14:00:00Z"}              | 2026-02-30
          {"type":"STARTED","file":"a","at":"+12345-01-01T00:00:00Z"}            | RFC 3339
          {"type":"STARTED","file":"a","at":1732370400}                          | 1732370400
          {"type":"FAILED","file":"a","error":"disk"}                            | error is "disk"
          {"type":"FAILED","file":"a","error":{"kode":"x"}}                      | kode
          {"type":"FAILED","file":"a","error":{"code":""}}                       | code has 0
          {"type":"FAILED","file":"a","error":{"line":-1}}                       | line is -1
          {"type":"STARTED","file":"a","attributes":[1]}                         | attributes is
          {"type":"STARTED","file":"a","attributes":{"x":9007199254740993}}      | 9007199254740993
          {"type":"STARTED","file":"a","attributes":{"x":1e400}}                 | finite
          {"type":"HEARTBEAT","file":"a"}                                        | file
          {"type":"ENDED"}                                                       | status
          {"type":"ENDED","status":"DONE"}                                       | DONE
          {"type":"ENDED","status":"RUNNING"}                                    | RUNNING
          {"type":"ENDED","status":"TIMED_OUT"}                                  | TIMED_OUT
          {"type":"ENDED","status":5}                                            | status is 5
          {"type":"ENDED","status":"FAILED","reason":"x"}                        | reason
          {"type":"OPENED","tabel":"x"}                                          | tabel
          {"type":"OPENED","limits":{"idle":"soon"}}                             | soon
          {"type":"OPENED","labels":{"x":"\\u0000"}}                             | U+0000
          {"type":"OPENED","max_skipped":-1}                                     | max_skipped
          """)
  void whatIsNoEventIsInvalidAndTheDetailNamesIt(String text, String named) {
    assertThat(refused(text, 422, "invalid-event").refusal().detail()).contains(named);
  }

  @Test
  void nameHasUpTo1024Characters() {
    String rockets = "\ud83d\ude80".repeat(1_024);
    readable("{\"type\":\"STARTED\",\"file\":\"" + rockets + "\"}");
    readable("{\"type\":\"STARTED\",\"file\":\"" + "a".repeat(1_024) + "\"}");

    assertThat(
            refused("{\"type\":\"STARTED\",\"file\":\"" + rockets + "x\"}", 422, "invalid-event")
                .refusal()
                .detail())
        .contains("file has 1025", "1024");
  }

  @Test
  void idAndErrorAreBounded() {
    String head = "{\"type\":\"FAILED\",\"file\":\"a\",";
    readable(head + "\"id\":\"" + "i".repeat(200) + "\"}");
    refused(head + "\"id\":\"" + "i".repeat(201) + "\"}", 422, "invalid-event");
    refused(head + "\"error\":{\"code\":\"" + "c".repeat(201) + "\"}}", 422, "invalid-event");
    refused(head + "\"error\":{\"message\":\"" + "m".repeat(8_001) + "\"}}", 422, "invalid-event");
    refused(
        "{\"type\":\"ENDED\",\"status\":\"FAILED\",\"message\":\"" + "m".repeat(2_001) + "\"}",
        422,
        "invalid-event");
  }

  @Test
  void lineHasUpTo64KiB() {
    String head = "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"x\":\"";
    int room = EventReader.MAX_LINE_BYTES - head.length() - 3;
    assertThat(EventReader.MAX_LINE_BYTES).isEqualTo(65_536);
    readable(head + "x".repeat(room) + "\"}}");

    Line.Unreadable line = refused(head + "x".repeat(room + 1) + "\"}}", 413, "too-large");

    assertThat(line.text()).as("the beginning is kept").hasSize(4_096);
    assertThat(new String(line.text(), StandardCharsets.UTF_8)).startsWith(head);
  }

  @Test
  void partOfAnArrayIsRead() {
    byte[] bytes = "xx{\"type\":\"HEARTBEAT\"}yy".getBytes(StandardCharsets.US_ASCII);

    assertThat(reader.read(1, bytes, 2, bytes.length - 4)).isInstanceOf(Line.Readable.class);
  }

  @Test
  void refusalKeepsWhatCameAndItsKeys() {
    String text = "{\"type\":\"COMPLETED\",\"rows\":-1,\"position\":12,\"id\":\"x\"}";

    Line.Unreadable line = refused(text, 422, "invalid-event");

    assertThat(line.text()).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
    assertThat(line.position()).isEqualTo(12);
    assertThat(line.id()).isEqualTo("x");
    Line.Unreadable nothing = refused("{\"position\":12,\"id\":\"x\"", 400, "malformed-json");
    assertThat(nothing.position()).isNull();
    assertThat(nothing.id()).isNull();
    Line.Unreadable bad =
        refused("{\"position\":-1,\"id\":\"" + "x".repeat(300) + "\"}", 422, "invalid-event");
    assertThat(bad.position()).isNull();
    assertThat(bad.id()).isNull();
  }

  @Test
  void longOffendingValueIsCutShort() {
    Line.Unreadable line =
        refused(
            "{\"type\":\"STARTED\",\"file\":\"a\",\"at\":\"" + "x".repeat(10_000) + "\"}",
            422,
            "invalid-event");

    assertThat(line.refusal().detail().length()).isLessThan(300);
  }

  @Test
  void readerKeepsNothingOfTheLineBefore() {
    Line.Readable first = readable("{\"type\":\"STARTED\",\"file\":\"first\",\"rows\":123456}");
    byte[] kept = first.canonical().clone();

    Line.Readable second = readable("{\"type\":\"STARTED\",\"file\":\"b\"}");

    assertThat(first.canonical()).isEqualTo(kept);
    assertThat(new String(second.canonical(), StandardCharsets.UTF_8))
        .isEqualTo("{\"file\":\"b\",\"type\":\"STARTED\"}");
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  /**
   * Whatever is done to a line, it is read or refused; what is read reads again as the same from
   * its canonical form.
   */
  @ParameterizedTest
  @MethodSource("seeds")
  void neverThrowsForWhatASenderWrote(long seed) {
    Random random = new Random(seed);
    String[] seedsOfLines = {
      "{\"type\":\"FAILED\",\"file\":\"lànding/a☃\",\"at\":\"2026-11-23T14:00:00.123Z\",\"attempt\":1,\"rows\":44,"
          + "\"checksum\":\"md5:9f\",\"position\":17,\"id\":\"01\",\"error\":{\"code\":\"c\",\"line\":1},\"attributes\":{\"w\":[1,\"x\"]}}",
      "{\"type\":\"OPENED\",\"table\":\"t\",\"labels\":{\"a\":\"b\"},\"limits\":{\"idle\":{\"after\":\"PT3H\",\"action\":\"flag\"}},"
          + "\"expected\":{\"count\":1,\"pattern\":\"*\",\"files\":[{\"file\":\"a\",\"rows\":1}]}}",
      "{\"type\":\"ENDED\",\"status\":\"FAILED\",\"message\":\"m\"}",
    };
    String inserts = "{}[]\":,\\u0-1e.\0\u00e9ntf ";
    for (int i = 0; i < 100; i++) {
      byte[] line =
          seedsOfLines[random.nextInt(seedsOfLines.length)].getBytes(StandardCharsets.UTF_8);
      for (int change = random.nextInt(3); change >= 0; change--) {
        byte[] insert =
            String.valueOf(inserts.charAt(random.nextInt(inserts.length())))
                .getBytes(StandardCharsets.UTF_8);
        int at = random.nextInt(line.length);
        line[at] =
            random.nextInt(4) == 0
                ? (byte) random.nextInt(256)
                : insert[random.nextInt(insert.length)];
      }
      Line read = read(line);
      if (read instanceof Line.Readable event) {
        Line again = read(event.canonical());
        assertThat(again).isInstanceOf(Line.Readable.class);
        assertThat(((Line.Readable) again).event()).isEqualTo(event.event());
        assertThat(((Line.Readable) again).canonical()).isEqualTo(event.canonical());
      } else {
        Line.Unreadable refused = (Line.Unreadable) read;
        assertThat(refused.refusal().status()).isIn(400, 422);
        assertThat(refused.refusal().detail()).isNotBlank();
        assertThat(refused.text()).isEqualTo(line);
      }
    }
  }
}
