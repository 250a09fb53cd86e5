package io.fileaudit.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.api.event.Ended;
import io.fileaudit.api.event.Heartbeat;
import io.fileaudit.api.event.Opened;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.core.ledger.Line;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CloudEvents become the plain events that they carry, or a refusal that says what is wrong. */
class CloudEventTest {
  private static final String HEAD =
      "\"specversion\":\"1.0\",\"source\":\"/loaders/w3\",\"id\":\"17\"";
  private static final String COMPLETED = "\"type\":\"io.fileaudit.file.completed\"";

  private final EventReader reader = new EventReader();

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Line read(String text) {
    byte[] bytes = utf8(text);
    return reader.read(7, bytes, 0, bytes.length);
  }

  /** The canonical form of the plain event that a CloudEvent of these members carries. */
  private String plain(String members) {
    Line line = read("{" + members + "}");
    assertThat(line).as(line.toString()).isInstanceOf(Line.Readable.class);
    return new String(line.text(), StandardCharsets.UTF_8);
  }

  private Line.Unreadable refused(String text) {
    Line line = read(text);
    assertThat(line).as(new String(line.text())).isInstanceOf(Line.Unreadable.class);
    Line.Unreadable refused = (Line.Unreadable) line;
    assertThat(refused.refusal().line()).isEqualTo(7);
    return refused;
  }

  private static String base64(String text) {
    return "\"data_base64\":\"" + Base64.getEncoder().encodeToString(utf8(text)) + "\"";
  }

  @Test
  void dataIsTheEventAndSourceAndIdAreItsId() {
    assertThat(
            plain(
                HEAD
                    + ","
                    + COMPLETED
                    + ",\"datacontenttype\":\"application/json\",\"time\":\"2026-11-23T14:00:00.5Z\","
                    + "\"data\":{\"file\":\"landing/a\",\"rows\":10,\"attributes\":{\"w\":\"3\"}}"))
        .isEqualTo(
            "{\"at\":\"2026-11-23T14:00:00.5Z\",\"attributes\":{\"w\":\"3\"},\"file\":\"landing/a\","
                + "\"id\":\"/loaders/w3 17\",\"rows\":10,\"type\":\"COMPLETED\"}");
  }

  @Test
  void subjectAndTimeStandInForWhatDataDoesNotSay() {
    String both = HEAD + "," + COMPLETED + ",\"subject\":\"s\",\"time\":\"2026-01-01T00:00:00Z\"";

    assertThat(plain(both))
        .isEqualTo(
            "{\"at\":\"2026-01-01T00:00:00Z\",\"file\":\"s\",\"id\":\"/loaders/w3 17\",\"type\":\"COMPLETED\"}");
    assertThat(plain(both + ",\"data\":{\"file\":\"d\",\"at\":\"2026-02-02T00:00:00Z\"}"))
        .isEqualTo(
            "{\"at\":\"2026-02-02T00:00:00Z\",\"file\":\"d\",\"id\":\"/loaders/w3 17\",\"type\":\"COMPLETED\"}");
    assertThat(plain(both + ",\"data\":{\"file\":null,\"at\":null,\"rows\":1}"))
        .contains("\"file\":\"s\"")
        .contains("\"at\":\"2026-01-01T00:00:00Z\"");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "io.fileaudit.file.completed, -, COMPLETED",
        "io.fileaudit.file.started, STARTED, STARTED",
        "com.example.load.Failed, -, FAILED",
        "skipped, -, SKIPPED",
        "com.example.anything, PROGRESS, PROGRESS",
        "com.example.completed, FAILED, FAILED"
      })
  void typeIsThatOfDataElseTheLastWord(String type, String given, String read) {
    String data =
        given == null ? "{\"file\":\"a\"}" : "{\"file\":\"a\",\"type\":\"" + given + "\"}";

    assertThat(plain(HEAD + ",\"type\":\"" + type + "\",\"data\":" + data))
        .contains("\"type\":\"" + read + "\"");
  }

  @Test
  void eventsOfTheBatchComeAsWell() {
    Line beat = read("{" + HEAD + ",\"type\":\"io.fileaudit.batch.heartbeat\",\"subject\":\"b\"}");
    Line opened =
        read("{" + HEAD + ",\"type\":\"io.fileaudit.batch.opened\",\"data\":{\"table\":\"t\"}}");
    Line ended =
        read(
            "{"
                + HEAD
                + ",\"type\":\"io.fileaudit.batch.ended\",\"data\":{\"status\":\"COMPLETED\"}}");

    assertThat(((Line.Readable) beat).event()).isInstanceOf(Heartbeat.class);
    assertThat(((Line.Readable) opened).event()).isInstanceOf(Opened.class);
    assertThat(((Line.Readable) ended).event()).isInstanceOf(Ended.class);
  }

  @Test
  void extensionsAreAcceptedAndNotKept() {
    String members = HEAD + "," + COMPLETED + ",\"data\":{\"file\":\"a\"}";

    assertThat(
            plain(
                members
                    + ",\"traceparent\":\"00-0af7\",\"sequence\":\"5\",\"sampledrate\":3,\"ok\":true,"
                    + "\"dataschema\":\"https://example.org/s\",\"none\":null"))
        .isEqualTo(plain(members));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/vnd.example.load+json",
        "text/json"
      })
  void dataOfAnyJsonIsRead(String type) {
    assertThat(
            plain(
                HEAD
                    + ","
                    + COMPLETED
                    + ",\"datacontenttype\":\""
                    + type
                    + "\",\"data\":{\"file\":\"a\"}"))
        .contains("\"file\":\"a\"");
  }

  @Test
  void dataMayComeInBase64() {
    assertThat(plain(HEAD + "," + COMPLETED + "," + base64("{\"file\":\"é\",\"rows\":1}")))
        .isEqualTo(plain(HEAD + "," + COMPLETED + ",\"data\":{\"file\":\"é\",\"rows\":1}"));
  }

  @Test
  void keyThatIsTooLongIsItsDigest() {
    String just = "x".repeat(200 - "/loaders/w3 ".length());
    String long1 = HEAD.replace("\"17\"", "\"" + just + "\"");
    String long2 = HEAD.replace("\"17\"", "\"" + just + "x\"");
    String rest = "," + COMPLETED + ",\"data\":{\"file\":\"a\"}";

    assertThat(plain(long1 + rest)).contains("\"id\":\"/loaders/w3 " + just + "\"");
    assertThat(plain(long2 + rest)).containsPattern("\"id\":\"sha256:[0-9a-f]{64}\"");
    assertThat(plain(long2.replace("w3", "w4") + rest)).isNotEqualTo(plain(long2 + rest));
    assertThat(refused("{" + long2.replace("xx\"", "x\\ud800\"") + rest + "}").refusal().detail())
        .contains("surrogate");
  }

  @Test
  void sourceAndIdCannotBeTakenForOthers() {
    String rest = "," + COMPLETED + ",\"subject\":\"a\"";
    String one = "\"specversion\":\"1.0\",\"source\":\"a\",\"id\":\"b c\"";

    assertThat(plain(one + rest)).contains("\"id\":\"a b c\"");
    assertThat(
            refused("{" + one.replace("\"a\"", "\"a b\"").replace("\"b c\"", "\"c\"") + rest + "}")
                .refusal()
                .detail())
        .isEqualTo("source is \"a b\", expected a URI reference, without spaces");
  }

  /** Each as a whole line, and what its refusal names. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'specversion':'0.3','source':'/s','id':'1','type':'x.completed','data':{'file':'a'}}|specversion is '0.3', expected '1.0'",
        "{'specversion':1.0,'source':'/s','id':'1','type':'x.completed','data':{'file':'a'}}|specversion is 1.0, expected '1.0'",
        "{'specversion':null,'source':'/s','id':'1','type':'x.completed'}|specversion is missing, expected '1.0'",
        "{'specversion':'1.0','source':'/s','type':'x.completed','data':{'file':'a'}}|id is missing",
        "{'specversion':'1.0','source':'/s','id':7,'type':'x.completed','data':{'file':'a'}}|id is 7, expected a string",
        "{'specversion':'1.0','source':'','id':'1','type':'x.completed','data':{'file':'a'}}|source is '', expected a string that is not empty",
        "{'specversion':'1.0','id':'1','type':'x.completed','data':{'file':'a'}}|source is missing",
        "{'specversion':'1.0','source':'/s','id':'1','data':{'file':'a'}}|type is missing",
        "{'specversion':'1.0','source':'/s','id':'a\\u0000','type':'x.completed','subject':'a'}|id contains U+0000",
        "{'specversion':'1.0','source':'/s','id':'1','type':'com.example.anything','data':{'file':'a'}}|type is 'com.example.anything', expected one that ends with expected, discovered, started, progress, completed, failed, skipped, heartbeat, opened, ended, or data.type",
        "{'specversion':'1.0','source':'/s','id':'1','type':'io.fileaudit.file.completed','data':{'file':'a','type':'FAILED'}}|type is 'io.fileaudit.file.completed' and data.type 'FAILED', expected the same word",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','data':{'file':'a','type':'completed'}}|unknown type 'completed'",
        "{'specversion':'1.0','source':'/s','id':'1','type':'io.fileaudit.batch.completed','subject':'a'}|expected io.fileaudit.batch.opened, heartbeat or ended of a batch, or io.fileaudit.file.completed of a file",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','data':'a string'}|data is 'a string', expected an object",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','data':[{'file':'a'}]}|expected an object",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','data':{'file':'a'},'data_base64':'e30='}|data and data_base64 are both there",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','data_base64':'%%%'}|data_base64 is '%%%', expected a JSON object in Base64",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','data_base64':{}}|data_base64 is {}, expected a JSON object in Base64",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','data_base64':'aGVsbG8='}|data_base64 is expected to hold a JSON object: not readable as JSON",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','data_base64':'WzFd'}|data_base64 is expected to hold a JSON object",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','data':{'file':'a','id':'i'}}|data.id is 'i', expected none",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','data':{'file':'a','chekcsum':'i'}}|unknown field 'chekcsum' of COMPLETED",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','data':{'rows':1}}|COMPLETED needs file",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed'}|data is missing; COMPLETED needs it, or the file as subject",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.ended'}|data is missing; ENDED needs it",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.opened','data':null}|data is missing; OPENED needs it",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','subject':''}|subject has 0 characters",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','subject':'a','time':'today'}|time is 'today', expected an RFC 3339 time",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','time':5,'data':{'file':'a','at':'2026-01-01T00:00:00Z'}}|time is 5, expected an RFC 3339 time",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','datacontenttype':'text/csv','data':{'file':'a'}}|datacontenttype is 'text/csv', expected application/json",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','datacontenttype':'application/json2','data':{'file':'a'}}|datacontenttype is",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','subject':'a','partitionKey':'k'}|the attribute 'partitionKey' is expected to be named with lower-case letters and digits alone",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','subject':'a','ext':{'a':1}}|ext is {a=1}, expected a string, a number, true or false",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','subject':'a','rows':5}|'rows' stands beside data, expected in it",
        "{'specversion':'1.0','source':'/s','id':'1','type':'x.completed','subject':'a','id':'2'}|not readable as JSON"
      })
  void whatIsWrongIsNamed(String line, String detail) {
    assertThat(refused(line.replace('\'', '"')).refusal().detail())
        .contains(detail.replace('\'', '"'));
  }

  @Test
  void wholeLineIsBoundedWhateverItCarries() {
    String line =
        "{" + HEAD + "," + COMPLETED + ",\"data\":{\"file\":\"a\",\"attributes\":{\"x\":\"%s\"}}}";
    String most = "y".repeat(EventReader.MAX_LINE_BYTES - line.length() + 2);

    assertThat(read(line.formatted(most))).isInstanceOf(Line.Readable.class);
    assertThat(refused(line.formatted(most + "y")).refusal().type()).isEqualTo("too-large");
  }

  /** Sent again and right, it goes off the account: so a refusal has to know what it is for. */
  @Test
  void refusalIsKnownBySourceIdAndPosition() {
    Line.Unreadable bad =
        refused(
            "{" + HEAD + ",\"type\":\"nothing\",\"data\":{\"file\":\"a\",\"position\":9,\"x\":1}}");
    Line.Unreadable worse = refused("{" + HEAD + ",\"type\":\"nothing\",\"data\":[]}");
    Line.Unreadable worst = refused("{\"specversion\":\"1.0\",\"id\":\"17\"}");

    assertThat(bad.id()).isEqualTo("/loaders/w3 17");
    assertThat(bad.position()).isEqualTo(9);
    assertThat(worse.id()).isEqualTo("/loaders/w3 17");
    assertThat(worst.id()).isNull();
  }

  @Test
  void senderOfCloudEventsAloneIsToldWhereOneIsNone() {
    byte[] line = utf8("{\"type\":\"COMPLETED\",\"file\":\"a\",\"id\":\"i\"}");

    Line refused = new EventReader(true).read(1, line, 0, line.length);

    assertThat(((Line.Unreadable) refused).refusal().detail())
        .isEqualTo("specversion is missing, expected \"1.0\"");
  }

  /** Any plain event, put into a CloudEvent in any way, comes out as the same line. */
  @Test
  void whatIsWrappedComesOutTheSame() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      Map<String, Object> event = event(random);
      String expected = AuditJson.strict().writeValueAsString(event);
      String wrapped = wrapped(new LinkedHashMap<>(event), random);

      Line plain = read(expected);
      Line carried = read(wrapped);

      assertThat(carried.text())
          .as("seed %s: %s and %s", seed, expected, wrapped)
          .asString()
          .isEqualTo(new String(plain.text(), StandardCharsets.UTF_8));
      assertThat(((Line.Readable) carried).event()).isEqualTo(((Line.Readable) plain).event());
    }
  }

  private static Map<String, Object> event(Random random) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("type", one(random, "EXPECTED", "STARTED", "PROGRESS", "COMPLETED", "FAILED"));
    event.put("file", one(random, "a", "landing/é b", "\"quoted\"", "x\u0001y", "😀"));
    event.put("id", one(random, "s 1", "/loaders/w3 a b", "urn:x:y ü", "https://e.org/?q=1 \""));
    for (String figure : List.of("rows", "bytes", "rejected_rows", "position")) {
      if (random.nextInt(3) == 0) {
        event.put(figure, random.nextLong(1L << random.nextInt(1, 53)));
      }
    }
    if (random.nextBoolean()) {
      event.put("at", one(random, "2026-11-23T14:00:00.123Z", "2026-11-23t15:00:00+01:00"));
    }
    if (random.nextInt(3) == 0) {
      event.put("error", Map.of("code", "c", "line", random.nextInt(9)));
    }
    if (random.nextInt(3) == 0) {
      event.put("attributes", Map.of("b", List.of(1, Map.of("z", true)), "a", 1.5));
    }
    return event;
  }

  private static String wrapped(Map<String, Object> data, Random random) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("specversion", "1.0");
    String id = (String) data.remove("id");
    members.put("source", id.substring(0, id.indexOf(' ')));
    members.put("id", id.substring(id.indexOf(' ') + 1));
    String type = (String) (random.nextBoolean() ? data.get("type") : data.remove("type"));
    members.put("type", "io.fileaudit.file." + type.toLowerCase(java.util.Locale.ROOT));
    if (random.nextBoolean()) {
      members.put("subject", data.remove("file"));
    }
    if (data.containsKey("at") && random.nextBoolean()) {
      members.put("time", data.remove("at"));
    }
    if (random.nextBoolean()) {
      members.put("traceparent", "00-0af7651916cd43dd8448eb211c80319c");
    }
    if (!data.isEmpty() || !members.containsKey("subject") || random.nextBoolean()) {
      if (random.nextBoolean()) {
        members.put("data", data);
      } else {
        byte[] text = AuditJson.strict().writeValueAsBytes(data);
        members.put("data_base64", Base64.getEncoder().encodeToString(text));
      }
    }
    List<String> names = new ArrayList<>(members.keySet());
    Collections.shuffle(names, random);
    Map<String, Object> shuffled = new LinkedHashMap<>();
    names.forEach(name -> shuffled.put(name, members.get(name)));
    return AuditJson.strict().writeValueAsString(shuffled);
  }

  private static String one(Random random, String... of) {
    return of[random.nextInt(of.length)];
  }
}
