package io.fileaudit.server.cli.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCounterTest {

  /** Line ends and quotes are spelt r, n and q, so that each document is a word. */
  @ParameterizedTest
  @CsvSource(
      value = {
        "'', 0",
        "n, 0",
        "rnrnrn, 0",
        "a, 1",
        "an, 1",
        "arn, 1",
        "ar, 1",
        "anb, 2",
        "anbn, 2",
        "arnbrn, 2",
        "arbr, 2",
        "anrbn, 2",
        "annbn, 2",
        "nna, 1",
        "qq, 1",
        "qqn, 1",
        "qanbqn, 1",
        "qarnbqrncrn, 2",
        "qaqqbqn, 1",
        "qaqqnqqbqnc, 2",
        "qaq;qbnqn, 1",
        "x;qnq, 1",
        "' n n', 2",
      })
  void recordsEndAtLineEndsOutsideQuotes(String spelt, long records) {
    byte[] document =
        spelt
            .replace('q', '"')
            .replace('r', '\r')
            .replace('n', '\n')
            .getBytes(StandardCharsets.UTF_8);

    RecordCounter counter = counted(CsvFormat.RFC_4180, document);

    assertThat(counter.rows()).isEqualTo(records);
    assertThat(counter.isInsideQuotes()).isFalse();
  }

  @Test
  void headerIsNotCounted() {
    CsvFormat format = CsvFormat.RFC_4180.withHeader(true);

    assertThat(counted(format, utf8("\n\"na\nme\"\n1\n2\n")).rows()).isEqualTo(2);
    assertThat(counted(format, utf8("name")).rows()).isZero();
    assertThat(counted(format, utf8("")).rows()).isZero();
  }

  @Test
  void anotherQuotingCharacterMayBeSet() {
    assertThat(counted(new CsvFormat(false, '\''), utf8("'a\n\"',b\nc\n")).rows()).isEqualTo(2);
  }

  @Test
  void everyLineEndCountsWhereNothingQuotes() {
    CsvFormat unquoted = new CsvFormat(false, CsvFormat.UNQUOTED);

    assertThat(counted(unquoted, utf8("5\" disk\n\0\nb\n")).rows()).isEqualTo(3);
    assertThat(counted(unquoted, utf8("\0\n".repeat(101))).rows()).isEqualTo(101);
  }

  @ParameterizedTest
  @ValueSource(ints = {'\n', '\r', 0xA7, 0x20AC})
  void quotingCharacterMustBeOneAsciiByteAndNoLineEnd(int quote) {
    assertThatThrownBy(() -> new CsvFormat(false, (char) quote))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(String.valueOf(quote));
  }

  @Test
  void quoteLeftOpenIsToldWithItsRecord() {
    RecordCounter counter = counted(CsvFormat.RFC_4180, utf8("a\nb\n\n\"c\nd\n"));

    assertThat(counter.isInsideQuotes()).isTrue();
    assertThat(counter.rows()).isEqualTo(2);
    assertThat(counter.openRecord()).isEqualTo("record 3, which begins at byte 5");
  }

  @Test
  void openRecordIsFoundAcrossBlocks() {
    RecordCounter counter =
        counted(CsvFormat.RFC_4180, utf8("a".repeat(200) + "\r\n\"" + "b\n".repeat(500)));

    assertThat(counter.openRecord()).isEqualTo("record 2, which begins at byte 202");
  }

  @Test
  void byteOrderMarkIsNoRecord() {
    assertThat(counted(CsvFormat.RFC_4180, utf8("\uFEFF")).rows()).isZero();
    assertThat(counted(CsvFormat.RFC_4180, utf8("\uFEFF\r\n")).rows()).isZero();
    assertThat(counted(CsvFormat.RFC_4180, utf8("\uFEFF\"a\nb\"\r\nc")).rows()).isEqualTo(2);
  }

  @Test
  void bytesOfLatin1AndUtf8AreNoLineEndsAndNoQuotes() {
    for (int b = 0x80; b <= 0xFF; b++) {
      byte[] document =
          ("a" + String.valueOf((char) b).repeat(100) + "\nb\n")
              .getBytes(StandardCharsets.ISO_8859_1);

      assertThat(counted(CsvFormat.RFC_4180, document).rows()).as("byte %x", b).isEqualTo(2);
    }
    assertThat(counted(CsvFormat.RFC_4180, utf8("ação 😀 ∞\n".repeat(100))).rows()).isEqualTo(100);
  }

  @Test
  void neighboursOfTheSpecialBytesAreOrdinary() {
    String ordinary = "\t\u000b\u000c\u000e!#\u008a\u008d\u00a2\0\u0001";
    byte[] document = (ordinary.repeat(30) + "\n").repeat(7).getBytes(StandardCharsets.ISO_8859_1);

    assertThat(counted(CsvFormat.RFC_4180, document).rows()).isEqualTo(7);
  }

  @Test
  void compressedAndTwoByteTextIsNotCounted() {
    assertThat(
            counted(CsvFormat.RFC_4180, new byte[] {0x1f, (byte) 0x8b, 8, 0, '\n', 'a'})
                .isCountable())
        .isFalse();
    assertThat(counted(CsvFormat.RFC_4180, utf8("PK\u0003\u0004\n\"")).isCountable()).isFalse();
    assertThat(
            counted(CsvFormat.RFC_4180, "\uFEFFa\n".getBytes(StandardCharsets.UTF_16LE))
                .isCountable())
        .isFalse();
    assertThat(
            counted(CsvFormat.RFC_4180, "\uFEFFa\n".getBytes(StandardCharsets.UTF_16BE))
                .isCountable())
        .isFalse();
    assertThat(counted(CsvFormat.RFC_4180, utf8("PKs,\"\n\"\n")).isCountable()).isTrue();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static RecordCounter counted(CsvFormat format, byte[] document) {
    RecordCounter counter = new RecordCounter(format);
    counter.accept(document, 0, document.length);
    counter.finish();
    return counter;
  }
}
