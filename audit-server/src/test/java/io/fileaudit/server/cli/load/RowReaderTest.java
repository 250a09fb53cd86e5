package io.fileaudit.server.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.fileaudit.server.cli.scan.CsvFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowReaderTest {
  private static final RowFormat REGISTER =
      new RowFormat(';', CsvFormat.RFC_4180, StandardCharsets.ISO_8859_1, "");

  /** Gives few bytes at a time, as slow sources do. */
  private static final class Dribble extends ByteArrayInputStream {
    private final int most;

    Dribble(byte[] bytes, int most) {
      super(bytes);
      this.most = most;
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      return super.read(to, offset, Math.min(length, most));
    }
  }

  /** What a file came to. */
  private record Rows(List<String> rows, List<Long> lines, List<BadRow> bad) {}

  @Test
  void fieldsBecomeTextOfCopy() throws Exception {
    assertThat(rows("1,a b\n2,\"a,b\"\n3,\"say \"\"so\"\"\"\n").rows())
        .containsExactly("1\ta b", "2\ta,b", "3\tsay \"so\"");
    assertThat(rows("a\\b,\"x\ny\r\nz\",t\tt").rows())
        .as("what COPY would take for its own is escaped")
        .containsExactly("a\\\\b\tx\\ny\\r\\nz\tt\\tt");
    assertThat(rows("ab\"c,d\"e,\"f\"g\n").rows())
        .as("quotes in the middle, as PostgreSQL reads them")
        .containsExactly("abc,de\tfg");
  }

  @Test
  void emptyFieldIsNullAndQuotedOneIsNot() throws Exception {
    assertThat(rows("1,,\"\"\n,,\n\"\"\n").rows()).containsExactly("1\t\\N\t", "\\N\t\\N\t\\N", "");
    RowFormat words = new RowFormat(',', CsvFormat.RFC_4180, StandardCharsets.UTF_8, "\\N");
    assertThat(rows(words, "1,,\\N,\"\\N\"\n".getBytes(StandardCharsets.UTF_8)).rows())
        .containsExactly("1\t\t\\N\t\\\\N");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void everyLineEndEndsARecordAndEmptyLinesAreNone(String end) throws Exception {
    Rows read = rows(("%na%n%n%nb,\"1%n2\"%nc").replace("%n", end));

    assertThat(read.rows()).hasSize(3).startsWith("a").endsWith("c");
    assertThat(read.lines()).containsExactly(2L, 5L, 7L);
  }

  @Test
  void latin1BecomesUtf8() throws Exception {
    byte[] file = "\"1\";\"AÇÃO ÿ\"\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(rows(REGISTER, file).rows()).containsExactly("1\tAÇÃO ÿ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "windows-1252", "Shift_JIS", "UTF-8", "GB18030"})
  void otherEncodingsAreDecoded(String encoding) throws Exception {
    String text = encoding.equals("windows-1252") ? "1,“é”\n" : "1,漢字\n";
    byte[] file = text.repeat(9_000).getBytes(Charset.forName(encoding));
    RowFormat format = new RowFormat(',', CsvFormat.RFC_4180, Charset.forName(encoding), "");

    List<String> rows = rows(format, file).rows();

    assertThat(rows).hasSize(9_000).containsOnly(text.strip().replace(',', '\t'));
  }

  @Test
  void byteOrderMarkIsNoPartOfTheFirstField() throws Exception {
    assertThat(rows("\ufeff1,a\n").rows()).containsExactly("1\ta");
    assertThat(rows("\ufeff").rows()).isEmpty();
    RowFormat utf16 = new RowFormat(',', CsvFormat.RFC_4180, StandardCharsets.UTF_16LE, "");
    assertThat(rows(utf16, "\ufeff1,a\n".getBytes(StandardCharsets.UTF_16LE)).rows())
        .containsExactly("1\ta");
  }

  @Test
  void badRowsAreNamedByTheirLinesAndTheirNeighboursGoOn() throws Exception {
    byte[] file = "1,a\n2\n3,\"x\ny\"\n4,b,c\n5,\u0000\n6,d\n".getBytes(StandardCharsets.UTF_8);

    Rows read = rows(RowFormat.USUAL, file, 2);

    assertThat(read.rows()).containsExactly("1\ta", "3\tx\\ny", "6\td");
    assertThat(read.bad())
        .extracting(BadRow::line, BadRow::code)
        .containsExactly(
            tuple(2L, "wrong-columns"), tuple(5L, "wrong-columns"), tuple(6L, "nul-character"));
    assertThat(read.bad().get(0).message()).isEqualTo("1 field, expected 2");
  }

  @ParameterizedTest
  @CsvSource({
    "UTF-8, E9",
    "UTF-8, C0AF",
    "UTF-8, EDA080",
    "UTF-8, F4908080",
    "UTF-8, E28",
    "UTF-8, 80",
    "UTF-8, E282",
    "Shift_JIS, 80",
    "US-ASCII, E9"
  })
  void bytesThatAreNoCharactersMakeTheRowBad(String encoding, String bad) throws Exception {
    byte[] bytes = java.util.HexFormat.of().parseHex(bad.length() % 2 == 0 ? bad : bad + "2");
    byte[] file =
        concat(
            "1,a\n2,".getBytes(StandardCharsets.US_ASCII),
            bytes,
            "\n3,c".getBytes(StandardCharsets.US_ASCII));
    RowFormat format = new RowFormat(',', CsvFormat.RFC_4180, Charset.forName(encoding), "");

    Rows read = rows(format, file, 2);

    assertThat(read.rows()).containsExactly("1\ta", "3\tc");
    assertThat(read.bad())
        .extracting(BadRow::line, BadRow::code)
        .containsExactly(tuple(2L, "bad-encoding"));
  }

  @Test
  void fileThatEndsInsideQuotesIsUnreadable() {
    assertThatThrownBy(() -> rows("1,a\n2,\"b\n3,c\n"))
        .isInstanceOfSatisfying(
            UnreadableFile.class, e -> assertThat(e.code()).isEqualTo("unterminated-quote"))
        .hasMessageContaining("line 2");
  }

  @Test
  void recordWithoutEndIsNotGatheredForEver() {
    InputStream endless =
        new InputStream() {
          private boolean begun;

          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] to, int offset, int length) {
            java.util.Arrays.fill(to, offset, offset + length, (byte) 'x');
            to[offset] = begun ? (byte) 'x' : (byte) '"';
            begun = true;
            return length;
          }
        };
    RowReader reader = new RowReader(endless, RowFormat.USUAL);
    assertThatThrownBy(() -> reader.fill(new RowChunk()))
        .isInstanceOfSatisfying(
            UnreadableFile.class, e -> assertThat(e.code()).isEqualTo("row-too-long"))
        .hasMessageContaining("line 1 ");
  }

  @Test
  void headerIsNoRow() throws Exception {
    byte[] file = "id, \"the \"\"name\"\"\"\n1,a\n".getBytes(StandardCharsets.UTF_8);
    RowReader reader = new RowReader(new ByteArrayInputStream(file), RowFormat.USUAL);
    RowChunk chunk = new RowChunk();

    assertThat(reader.header()).containsExactly("id", "the \"name\"");
    assertThat(reader.fill(chunk)).isTrue();
    assertThat(chunk.rows()).isEqualTo(1);
    assertThat(chunk.line(0)).isEqualTo(2);
    assertThat(reader.fill(chunk)).isFalse();

    RowReader empty = new RowReader(new ByteArrayInputStream(new byte[0]), RowFormat.USUAL);
    assertThatThrownBy(empty::header).hasMessageContaining("empty");
  }

  @Test
  void manyBadRowsAreHandedOverInPieces() throws Exception {
    byte[] file = "1\n".repeat(2_500).getBytes(StandardCharsets.UTF_8);
    RowReader reader = new RowReader(new ByteArrayInputStream(file), RowFormat.USUAL);
    reader.expectColumns(2);
    RowChunk chunk = new RowChunk();

    assertThat(reader.fill(chunk)).isTrue();
    assertThat(chunk.bad()).hasSize(1_000);
  }

  /** Whatever the bytes and however they come, there are as many records as a scan counts. */
  @Test
  void piecesOfAnySizeGiveTheSameRows() throws Exception {
    Random random = new Random(7);
    String letters = "ab,;\"\"\n\r\t\\ é€";
    for (int round = 0; round < 2_000; round++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(40);
      for (int i = 0; i < length; i++) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      byte[] file =
          (text + (text.chars().filter(c -> c == '"').count() % 2 == 0 ? "" : "\""))
              .getBytes(StandardCharsets.UTF_8);
      Rows whole = read(new RowReader(new ByteArrayInputStream(file), RowFormat.USUAL));
      for (int most : new int[] {1, 2, 7}) {
        RowReader reader =
            new RowReader(new Dribble(file, most), RowFormat.USUAL, 1 + random.nextInt(9));
        assertThat(read(reader)).as("%s by %s", text, most).isEqualTo(whole);
      }
      assertThat(whole.rows()).as("%s", text).hasSize(scanned(file));
    }
  }

  private static int scanned(byte[] file) throws IOException {
    java.nio.file.Path path = java.nio.file.Files.createTempFile("rows", ".csv");
    try {
      java.nio.file.Files.write(path, file);
      var stock =
          new io.fileaudit.server.cli.scan.StockTaker()
              .take(path, CsvFormat.RFC_4180, io.fileaudit.server.cli.scan.ReadingProgress.NONE);
      return (int) stock.rows().orElseThrow();
    } finally {
      java.nio.file.Files.delete(path);
    }
  }

  private static byte[] concat(byte[]... parts) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static Rows rows(String text) throws Exception {
    return rows(RowFormat.USUAL, text.getBytes(StandardCharsets.UTF_8));
  }

  private static Rows rows(RowFormat format, byte[] file) throws Exception {
    return read(new RowReader(new ByteArrayInputStream(file), format));
  }

  private static Rows rows(RowFormat format, byte[] file, int columns) throws Exception {
    RowReader reader = new RowReader(new ByteArrayInputStream(file), format);
    reader.expectColumns(columns);
    return read(reader);
  }

  private static Rows read(RowReader reader) throws IOException, UnreadableFile {
    Rows read = new Rows(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    RowChunk chunk = new RowChunk();
    while (reader.fill(chunk)) {
      for (int row = 0; row < chunk.rows(); row++) {
        int begin = chunk.begin(row);
        int length = chunk.begin(row + 1) - 1 - begin;
        read.rows().add(new String(chunk.bytes(), begin, length, StandardCharsets.UTF_8));
        read.lines().add(chunk.line(row));
      }
      read.bad().addAll(chunk.bad());
    }
    return read;
  }
}
