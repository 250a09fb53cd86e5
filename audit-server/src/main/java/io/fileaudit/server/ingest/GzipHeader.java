package io.fileaudit.server.ingest;

/** Passes over the header of a gzip member (RFC 1952, 2.3), byte by byte. */
final class GzipHeader {
  private static final int FIXED_BYTES = 10;
  private static final int CHECKSUM = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xe0;

  private int read;
  private int partsLeft;
  private int extraRead;
  private int extraLength;
  private int checksumRead;

  /**
   * Takes the next byte and says whether the header is complete with it.
   *
   * @throws io.fileaudit.api.problem.AuditException {@code malformed-json} where it is none
   */
  boolean isComplete(byte b) {
    int value = b & 0xff;
    read++;
    if (read <= FIXED_BYTES) {
      fixed(value);
    } else if ((partsLeft & EXTRA) != 0) {
      extra(value);
    } else if ((partsLeft & NAME) != 0) {
      partsLeft &= value == 0 ? ~NAME : ~0;
    } else if ((partsLeft & COMMENT) != 0) {
      partsLeft &= value == 0 ? ~COMMENT : ~0;
    } else {
      checksumRead++;
      partsLeft &= checksumRead == 2 ? ~CHECKSUM : ~0;
    }
    return read >= FIXED_BYTES && partsLeft == 0;
  }

  private void fixed(int value) {
    boolean fits =
        switch (read) {
          case 1 -> value == 0x1f;
          case 2 -> value == 0x8b;
          case 3 -> value == 8;
          case 4 -> (value & RESERVED) == 0;
          default -> true;
        };
    if (!fits) {
      throw Gunzip.malformed("byte " + read + " of a header is " + value);
    }
    if (read == 4) {
      partsLeft = value & (CHECKSUM | EXTRA | NAME | COMMENT);
    }
  }

  private void extra(int value) {
    extraRead++;
    if (extraRead <= 2) {
      extraLength |= value << 8 * (extraRead - 1);
    }
    if (extraRead >= 2 && extraRead - 2 == extraLength) {
      partsLeft &= ~EXTRA;
    }
  }
}
