package io.fileaudit.server.cli.scan;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Counts the records of a CSV file on its bytes, in pieces of any size.
 *
 * <p>A quoting character opens quotes or closes them wherever it stands (a doubled one does both,
 * which comes to the same), as PostgreSQL's COPY sees it. Outside quotes CR, LF and CRLF end a
 * record. An empty line is no record, which is also why CRLF needs no special care: nothing stands
 * between its two bytes. A record without a line end at the end of the file counts.
 *
 * <p>A UTF-8 byte order mark is no part of the first record. Contents that are no such text by
 * their first bytes (gzip, zip, UTF-16) are not counted at all.
 *
 * <p>Sixty-four bytes are judged at a time, as bits of a word, without a branch on the data:
 * counting must not hold up a digest that runs at more than a gigabyte a second, however many
 * quotes there are.
 */
final class RecordCounter {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long LOW_SEVEN = 0x7f7f7f7f7f7f7f7fL;
  private static final long LINE_FEEDS = ONES * '\n';
  private static final long CARRIAGE_RETURNS = ONES * '\r';

  private final boolean header;
  private final byte quote;
  private final long quotes;
  private final long quoting;
  private final byte[] head = new byte[4];
  private int headLength;
  private boolean headRead;
  private boolean countable = true;

  private long position;
  private long recordStart;
  private long records;

  /** All ones inside quotes, else 0. */
  private long inside;

  /** 1 where nothing stands since the last line end, else 0. */
  private long atStart = 1;

  RecordCounter(CsvFormat format) {
    header = format.header();
    quote = (byte) format.quote();
    quotes = ONES * quote;
    quoting = format.quote() == CsvFormat.UNQUOTED ? 0 : -1;
  }

  /** Whether the contents can be counted, as far as they have been seen. */
  boolean isCountable() {
    return countable;
  }

  /** Data records that have ended so far, the header not among them. */
  long rows() {
    return header && records > 0 ? records - 1 : records;
  }

  /** Whether the bytes so far end inside quotes. */
  boolean isInsideQuotes() {
    return inside != 0;
  }

  /**
   * Where the record that has not ended begins: its number from 1, a header included, and its first
   * byte from 0.
   */
  String openRecord() {
    return "record " + (records + 1) + ", which begins at byte " + recordStart;
  }

  void accept(byte[] bytes, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (!headRead && at < end) {
      head[headLength++] = bytes[at++];
      if (headLength == head.length) {
        readHead();
      }
    }
    if (countable) {
      count(bytes, at, end);
    }
  }

  /** Ends the file: a last record without a line end counts, unless it ends inside quotes. */
  void finish() {
    if (!headRead) {
      readHead();
    }
    if (countable && atStart == 0 && inside == 0) {
      records++;
      atStart = 1;
    }
  }

  private void readHead() {
    headRead = true;
    countable =
        !(headStarts(0x1f, 0x8b)
            || headStarts('P', 'K', 3, 4)
            || headStarts('P', 'K', 5, 6)
            || headStarts(0xff, 0xfe)
            || headStarts(0xfe, 0xff));
    if (countable) {
      int mark = headStarts(0xef, 0xbb, 0xbf) ? 3 : 0;
      position = mark;
      recordStart = mark;
      count(head, mark, headLength);
    }
  }

  private boolean headStarts(int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (i >= headLength || head[i] != (byte) bytes[i]) {
        return false;
      }
    }
    return true;
  }

  private void count(byte[] bytes, int from, int end) {
    int at = from;
    for (; end - at >= 64; at += 64) {
      long quoteBits = 0;
      long endBits = 0;
      for (int word = 0; word < 8; word++) {
        long eight = (long) LONGS.get(bytes, at + 8 * word);
        quoteBits |= oneBitPerByte(zeroBytes(eight ^ quotes)) << (8 * word);
        endBits |=
            oneBitPerByte(zeroBytes(eight ^ LINE_FEEDS) | zeroBytes(eight ^ CARRIAGE_RETURNS))
                << (8 * word);
      }
      step(quoteBits & quoting, endBits, 64);
    }
    if (at < end) {
      long quoteBits = 0;
      long endBits = 0;
      for (int i = 0; at + i < end; i++) {
        byte b = bytes[at + i];
        quoteBits |= (b == quote ? 1L : 0) << i;
        endBits |= (b == '\n' || b == '\r' ? 1L : 0) << i;
      }
      step(quoteBits & quoting, endBits, end - at);
    }
  }

  /**
   * Goes on by up to 64 bytes, the first of them in the lowest bit; bits above {@code length} are
   * clear.
   */
  private void step(long quoteBits, long endBits, int length) {
    long insideAfter = parityUpTo(quoteBits) ^ inside;
    long ends = endBits & ~insideAfter;
    records += Long.bitCount(ends & ~((ends << 1) | atStart));
    if (ends != 0) {
      recordStart = position + 64 - Long.numberOfLeadingZeros(ends);
    }
    inside = -((insideAfter >>> (length - 1)) & 1);
    atStart = (ends >>> (length - 1)) & 1;
    position += length;
  }

  /** Bit i of the result: whether an odd number of bits 0..i is set. */
  private static long parityUpTo(long bits) {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    return bits ^ (bits << 32);
  }

  /** 0x80 in each byte that is zero, exactly: no carry passes from one byte to the next. */
  private static long zeroBytes(long bytes) {
    return ~(((bytes & LOW_SEVEN) + LOW_SEVEN) | bytes | LOW_SEVEN);
  }

  /** Gathers the top bit of each byte into the low eight bits, the lowest byte first. */
  private static long oneBitPerByte(long topBits) {
    return ((topBits >>> 7) * 0x0102040810204080L) >>> 56;
  }
}
