package io.fileaudit.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.ledger.Line;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short way through a line leads to the same place as the long one, or nowhere. */
class PlainEventReaderTest {
  private static final int LINES = 100_000;

  private final PlainEventReader plain = new PlainEventReader();
  private final EventReader anything = new EventReader();

  private Line.Readable readPlain(byte[] line) {
    byte[] amid = new byte[line.length + 20];
    System.arraycopy(line, 0, amid, 7, line.length);
    return plain.read(3, amid, 7, line.length);
  }

  private Line.Readable readPlain(String line) {
    return readPlain(line.getBytes(StandardCharsets.UTF_8));
  }

  private void assertAlike(Line.Readable line, byte[] bytes) {
    Line other = anything.readAnything(3, bytes, 0, bytes.length);
    assertThat(other).as(new String(bytes, StandardCharsets.UTF_8)).isInstanceOf(line.getClass());
    assertThat(line.number()).isEqualTo(other.number());
    assertThat(line.event()).isEqualTo(((Line.Readable) other).event());
    assertThat(line.canonical()).asString().isEqualTo(new String(other.text()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"STARTED\",\"file\":\"landing/a b.csv\"}",
        " { \"rows\" : 0 ,\t\"type\":\"PROGRESS\", \"file\":\"a\",\"position\":9007199254740991 } ",
        "{\"type\":\"COMPLETED\",\"file\":\"/a/'b\",\"at\":\"2026-11-23T14:00:00Z\",\"attempt\":1000000,\"rows\":4494860,"
            + "\"rejected_rows\":3,\"bytes\":96211345,\"checksum\":\"sha256:9f86\",\"position\":17,\"id\":\"0197\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"\":\"\",\"n\":2147483648,\"o\":0,\"worker\":\"w 3\"}}",
        "{\"type\":\"STARTED\",\"attributes\":{},\"file\":\"a\"}",
        "{\"type\":\"SKIPPED\",\"file\":\"<script>\",\"at\":\"2024-02-29T23:59:59.999999999Z\"}",
        "{\"type\":\"EXPECTED\",\"file\":\"a\",\"at\":\"1900-01-01T00:00:00.0Z\"}",
        "{\"type\":\"FAILED\",\"file\":\"a\",\"at\":\"9999-12-31T00:00:00.000000001Z\"}"
      })
  void readsPlainLines(String text) {
    Line.Readable line = readPlain(text);

    assertThat(line).as(text).isNotNull();
    assertAlike(line, text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"type\":\"STARTED\"}",
        "{\"type\":\"STARTED\",\"file\":\"\"}",
        "{\"type\":\"started\",\"file\":\"a\"}",
        "{\"type\":\"HEARTBEAT\"}",
        "{\"type\":\"ENDED\",\"file\":\"a\",\"status\":\"FAILED\"}",
        "{\"type\":\"OPENED\",\"file\":\"a\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"file\":\"a\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\\n\"}",
        "{\"type\":\"STARTED\",\"file\":\"é\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"rows\":01}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"rows\":-1}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"rows\":1.0}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"rows\":1e3}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"rows\":}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"rows\":\"1\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"rows\":9007199254740992}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"rows\":10000000000000000}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"rows\":null}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attempt\":0}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attempt\":1000001}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"checksum\":\"9f86\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"id\":\"\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"at\":\"2026-02-29T00:00:00Z\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"at\":\"2026-11-23T24:00:00Z\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"at\":\"1899-11-23T00:00:00Z\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"at\":\"2026-11-23T00:00:00.Z\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"at\":\"2026-11-23T00:00:00+01:00\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"at\":\"\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"b\":1,\"a\":2}}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"a\":1,\"a\":2}}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"a\": 1}}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"a\":{}}}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"a\":true}}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"a\":1.5}}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{,}}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":[]}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"a\":1",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"error\":{}}",
        "{\"type\":\"STARTED\",\"file\":\"a\",\"chekcsum\":\"a:b\"}",
        "{\"type\":\"STARTED\",\"file\":\"a\",}",
        "{\"type\":\"STARTED\",\"file\":\"a\"}}",
        "{\"type\":\"STARTED\",\"file\":\"a\"} {",
        "{\"type\":\"STARTED\",\"file\":\"a"
      })
  void leavesAllOthersToTheFullReader(String line) {
    assertThat(readPlain(line)).as(line).isNull();
  }

  @Test
  void readsWhatItReadsAsTheFullReaderDoes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int readable = 0;
    for (int i = 0; i < LINES; i++) {
      byte[] line = line(random);
      Line.Readable read = readPlain(line);
      if (read != null) {
        readable++;
        assertAlike(read, line);
      }
    }
    assertThat(readable).as("seed %s", seed).isBetween(LINES / 20, LINES * 9 / 10);
  }

  /** Fields in any order, most of them plain, and sometimes a byte of the line changed. */
  private static byte[] line(Random random) {
    List<String> fields = new ArrayList<>();
    fields.add(
        "\"type\":" + one(random, "\"STARTED\"", "\"COMPLETED\"", "\"FAILED\"", "\"ENDED\""));
    fields.add("\"file\":" + one(random, "\"a\"", "\"landing/b c\"", "\"a\u007f\"", "\"ü\""));
    for (String name : List.of("rows", "bytes", "rejected_rows", "position", "attempt")) {
      if (random.nextInt(3) == 0) {
        fields.add('"' + name + "\":" + one(random, "0", "7", "1234567", "9007199254740991", "08"));
      }
    }
    if (random.nextInt(2) == 0) {
      fields.add("\"at\":" + one(random, time(random), time(random), "\"2026-13-01T00:00:00Z\""));
    }
    if (random.nextInt(4) == 0) {
      fields.add("\"checksum\":" + one(random, "\"md5:0a\"", "\"sha256:9f86\"", "\"none\""));
    }
    if (random.nextInt(4) == 0) {
      fields.add("\"id\":" + one(random, "\"i-1\"", "\"\\u0041\""));
    }
    if (random.nextInt(4) == 0) {
      fields.add(
          "\"attributes\":"
              + one(
                  random,
                  "{}",
                  "{\"a\":7,\"b\":\"x\"}",
                  "{\"b\":12345678901}",
                  "{\"b\":1,\"a\":2}"));
    }
    Collections.shuffle(fields, random);
    byte[] line = ("{" + String.join(",", fields) + "}").getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(3) == 0) {
      line[random.nextInt(line.length)] =
          (byte) " \t\"{}:,0123456789.eE-aZ\\é".charAt(random.nextInt(24));
    }
    return line;
  }

  private static String time(Random random) {
    String digits = String.format("%09d", random.nextInt(1_000_000_000));
    String fraction = digits.substring(0, random.nextInt(10));
    return String.format(
        "\"%04d-%02d-%02dT%02d:%02d:%02d%sZ\"",
        1899 + random.nextInt(200),
        1 + random.nextInt(12),
        1 + random.nextInt(31),
        random.nextInt(24),
        random.nextInt(60),
        random.nextInt(60),
        fraction.isEmpty() ? "" : "." + fraction);
  }

  private static String one(Random random, String... of) {
    return of[random.nextInt(of.length)];
  }
}
