package io.fileaudit.core.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.ledger.Line;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes become the same lines wherever the network cuts them. */
class LineSplitterTest {
  private static final int MOST = EventReader.MAX_LINE_BYTES;
  private static final String BOM = "\ufeff";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A readable line of exactly that many bytes, without a line end. */
  private static String line(int length) {
    String head = "{\"type\":\"STARTED\",\"file\":\"a\",\"attributes\":{\"x\":\"";
    return head + "x".repeat(length - head.length() - 3) + "\"}}";
  }

  private static String line(String file) {
    return "{\"type\":\"STARTED\",\"file\":\"" + file + "\"}";
  }

  /** What came out, so that it can be compared: number, and canonical form or refusal and text. */
  private static List<String> shown(List<Line> lines) {
    List<String> shown = new ArrayList<>();
    for (Line line : lines) {
      String text = new String(line.text(), StandardCharsets.ISO_8859_1);
      shown.add(
          line instanceof Line.Unreadable refused
              ? line.number() + " refused " + refused.refusal() + " " + text
              : line.number() + " " + text);
    }
    return shown;
  }

  private static List<Line> split(byte[] all, int... cuts) {
    LineSplitter splitter = new LineSplitter();
    List<Line> lines = new ArrayList<>();
    int from = 0;
    for (int cut : cuts) {
      lines.addAll(splitter.feed(Arrays.copyOfRange(all, from, cut)));
      from = cut;
    }
    lines.addAll(splitter.feed(Arrays.copyOfRange(all, from, all.length)));
    lines.addAll(splitter.end());
    return lines;
  }

  @Test
  void linesEndWithLfOrCrLfAndEmptyOnesCount() {
    List<Line> lines =
        split(bytes(line("a") + "\n\r\n  \t \n" + line("b") + "\r\nnot JSON\n\n" + line("é☃")));

    assertThat(lines).extracting(Line::number).containsExactly(1L, 4L, 5L, 7L);
    assertThat(lines.get(2)).isInstanceOf(Line.Unreadable.class);
    assertThat(((Line.Unreadable) lines.get(2)).refusal().line()).isEqualTo(5);
    assertThat(new String(lines.get(3).text(), StandardCharsets.UTF_8)).contains("é☃");
  }

  @Test
  void lineEndIsNoPartOfTheText() {
    for (String end : List.of("\n", "\r\n")) {
      assertThat(split(bytes("not JSON" + end)))
          .singleElement()
          .returns("not JSON", line -> new String(line.text(), StandardCharsets.UTF_8));
      assertThat(split(bytes(line(MOST) + end))).singleElement().isInstanceOf(Line.Readable.class);
    }
  }

  @Test
  void byteOrderMarkAtTheBeginningIsPassedOver() {
    assertThat(split(bytes(BOM + line("a") + "\n")))
        .singleElement()
        .isInstanceOf(Line.Readable.class);
  }

  @Test
  void emptyBodyHasNoLines() {
    assertThat(split(new byte[0])).isEmpty();
    assertThat(split(bytes("\n\n\r\n  "))).isEmpty();
    assertThat(split(bytes(BOM))).isEmpty();
  }

  @Test
  void lineWithoutAnEndIsALineWhenTheBodyEnds() {
    assertThat(split(bytes(line("a")))).singleElement().isInstanceOf(Line.Readable.class);
    assertThat(split(bytes(line("a") + "\n{\"type\":\"STAR")))
        .hasSize(2)
        .last()
        .isInstanceOf(Line.Unreadable.class);
  }

  @Test
  void lineOf64KiBIsReadAndOneByteMoreIsRefusedAlone() {
    for (String end : List.of("\n", "\r\n")) {
      byte[] body =
          bytes(line("a") + end + line(MOST) + end + line(MOST + 1) + end + line("b") + end);

      List<Line> lines = split(body);

      assertThat(lines).extracting(Line::number).containsExactly(1L, 2L, 3L, 4L);
      assertThat(lines.get(1)).isInstanceOf(Line.Readable.class);
      assertThat(lines.get(2)).isInstanceOf(Line.Unreadable.class);
      assertThat(((Line.Unreadable) lines.get(2)).refusal().status()).isEqualTo(413);
      assertThat(lines.get(3)).isInstanceOf(Line.Readable.class);
    }
  }

  @Test
  void lineWithoutEndHoldsNoMoreThanItsBound() {
    LineSplitter splitter = new LineSplitter();
    byte[] part = new byte[1 << 20];
    Arrays.fill(part, (byte) 'x');

    for (int i = 0; i < 64; i++) {
      assertThat(splitter.feed(part)).isEmpty();
    }
    List<Line> lines = splitter.feed(bytes("\n" + line("b") + "\n"));

    assertThat(lines).hasSize(2);
    assertThat(((Line.Unreadable) lines.get(0)).refusal().type()).isEqualTo("too-large");
    assertThat(lines.get(0).text().length).isLessThanOrEqualTo(4_096);
    assertThat(lines.get(1)).isInstanceOf(Line.Readable.class);
    assertThat(splitter.end()).isEmpty();
  }

  @Test
  void limitIsOfTheLineWithoutTheByteOrderMark() {
    for (String end : List.of("\n", "\r\n", "")) {
      for (int length : new int[] {MOST - 1, MOST, MOST + 1, MOST + 2, MOST + 100}) {
        byte[] body = bytes(BOM + line(length) + end);
        List<String> whole = shown(split(body));
        assertThat(split(body))
            .singleElement()
            .isInstanceOf(length <= MOST ? Line.Readable.class : Line.Unreadable.class);
        for (int cut : new int[] {1, 3, 4, 1_024, MOST, MOST + 2, MOST + 3, body.length - 1}) {
          assertThat(shown(split(body, Math.min(cut, body.length))))
              .as("%d bytes cut at %d", length, cut)
              .isEqualTo(whole);
        }
      }
    }
  }

  @Test
  void blankLineIsPassedOverHoweverLongItIs() {
    for (String mark : List.of("", BOM)) {
      for (String end : List.of("\n", "\r\n")) {
        for (int length : new int[] {MOST - 1, MOST, MOST + 1, MOST + 5, 3 * MOST}) {
          byte[] body = bytes(mark + " \t".repeat(length).substring(length) + end + line("b"));
          for (int cut : new int[] {0, 1, MOST, MOST + 1, MOST + 4, body.length - 1}) {
            assertThat(split(body, Math.min(cut, body.length)))
                .as("%d bytes cut at %d", length, cut)
                .singleElement()
                .isInstanceOf(Line.Readable.class)
                .returns(2L, Line::number);
          }
        }
      }
    }
  }

  @Test
  void blankLineWithoutEndHoldsNoMoreThanItsBound() {
    LineSplitter splitter = new LineSplitter();
    byte[] part = new byte[1 << 20];
    Arrays.fill(part, (byte) ' ');

    for (int i = 0; i < 64; i++) {
      assertThat(splitter.feed(part)).isEmpty();
    }

    assertThat(splitter.feed(bytes("\r"))).isEmpty();
    assertThat(splitter.feed(bytes("\n" + line("b") + "\n")))
        .singleElement()
        .returns(2L, Line::number);
    assertThat(splitter.feed(part)).isEmpty();
    assertThat(splitter.end()).isEmpty();
  }

  @Test
  void anythingBehindManySpacesMakesThemALine() {
    String spaces = " ".repeat(MOST + 10);
    for (String behind : List.of("x", "\r \r", "\r\r", "x" + spaces)) {
      for (int cut : new int[] {0, MOST, MOST + 11, MOST + 12}) {
        byte[] body = bytes(spaces + behind + "\n" + line("b"));
        List<Line> lines = split(body, Math.min(cut, body.length));
        assertThat(lines).as("cut at %d", cut).extracting(Line::number).containsExactly(1L, 2L);
        assertThat(((Line.Unreadable) lines.get(0)).refusal().type()).isEqualTo("too-large");
      }
    }
  }

  @Test
  void everyCutGivesTheSameLines() {
    byte[] body =
        bytes(
            BOM
                + line("a")
                + "\r\n\n \t\r\n"
                + line("é☃\ud83d\ude80")
                + "\nnot JSON\r\n\r\r\n"
                + line("c")
                + "\r\n{\"type\":\"ENDED\"}\n{\"cut off");
    List<String> whole = shown(split(body));
    assertThat(whole).hasSize(7);

    for (int cut = 0; cut <= body.length; cut++) {
      assertThat(shown(split(body, cut))).as("cut at %d", cut).isEqualTo(whole);
    }
    assertThat(shown(split(body, IntStream.rangeClosed(0, body.length).toArray())))
        .as("byte by byte")
        .isEqualTo(whole);
  }

  @Test
  void everyCutOfALongLineGivesTheSameLines() {
    for (int length : new int[] {MOST - 1, MOST, MOST + 1, MOST + 2, MOST + 100}) {
      for (String end : List.of("\n", "\r\n", "")) {
        byte[] body =
            bytes(line("a") + "\n" + line(length) + end + (end.isEmpty() ? "" : line("b")));
        List<String> whole = shown(split(body));
        int begin = line("a").length() + 1;
        for (int near : new int[] {begin, begin + 1024, begin + 4_096, begin + MOST, body.length}) {
          for (int cut = Math.max(0, near - 4); cut <= Math.min(body.length, near + 4); cut++) {
            assertThat(shown(split(body, cut)))
                .as("%d bytes cut at %d", length, cut)
                .isEqualTo(whole);
          }
        }
      }
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void cutsAnywhereGiveTheSameLines(long seed) {
    Random random = new Random(seed);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(bytes(random.nextBoolean() ? BOM : ""));
    for (int i = random.nextInt(20); i > 0; i--) {
      String text =
          switch (random.nextInt(6)) {
            case 0 -> "";
            case 1 -> " \t".repeat(random.nextInt(3));
            case 2 -> "not JSON \r \ud83d\ude80";
            case 3 -> line(60 + random.nextInt(3_000));
            default -> line("f" + i);
          };
      body.writeBytes(bytes(text + (random.nextBoolean() ? "\n" : "\r\n")));
    }
    body.writeBytes(bytes(random.nextBoolean() ? line("last") : ""));
    byte[] all = body.toByteArray();
    List<String> whole = shown(split(all));

    for (int i = 0; i < 10; i++) {
      int[] cuts = random.ints(random.nextInt(12), 0, all.length + 1).sorted().toArray();
      assertThat(shown(split(all, cuts))).isEqualTo(whole);
    }
  }
}
