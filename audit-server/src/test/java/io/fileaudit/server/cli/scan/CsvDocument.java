package io.fileaudit.server.cli.scan;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** A made-up CSV file whose number of records is known because it was written record by record. */
record CsvDocument(byte[] bytes, CsvFormat format, long rows) {

  private static final String[] LINE_ENDS = {"\n", "\r\n", "\r"};
  private static final String PLAIN = "abcXYZ019 ;,\t|.-\u00e7\u00e3\u00ff\u0080\u008a\u00a2";

  static CsvDocument random(long seed) {
    return new Writer(new Random(seed)).document();
  }

  /** Writes in Latin-1, so that every byte value from 0x80 on can occur. */
  private static final class Writer {

    private final Random random;
    private final char quote;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Writer(Random random) {
      this.random = random;
      this.quote = random.nextInt(4) == 0 ? '\'' : '"';
    }

    CsvDocument document() {
      if (random.nextInt(4) == 0) {
        out.writeBytes(new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF});
      }
      int records = random.nextInt(random.nextBoolean() ? 4 : 200);
      for (int i = 0; i < records; i++) {
        blankLines();
        // The very first field begins with a letter, or its Latin-1 bytes might look like the mark
        // of another encoding.
        write(i == 0 ? "r" + record() : record());
        if (i < records - 1 || random.nextBoolean()) {
          write(lineEnd());
          blankLines();
        }
      }
      boolean header = random.nextBoolean();
      long rows = header && records > 0 ? records - 1 : records;
      return new CsvDocument(out.toByteArray(), new CsvFormat(header, quote), rows);
    }

    private void blankLines() {
      while (random.nextInt(10) == 0) {
        write(lineEnd());
      }
    }

    private String record() {
      StringBuilder record = new StringBuilder();
      int fields = 1 + random.nextInt(6);
      for (int i = 0; i < fields; i++) {
        record.append(i == 0 ? "" : ";").append(random.nextBoolean() ? quoted() : plain());
      }
      return record.isEmpty() ? "" + quote + quote : record.toString();
    }

    private String plain() {
      return content(PLAIN);
    }

    private String quoted() {
      String content = content(PLAIN + "\r\n\n\r\"'" + quote + quote);
      String doubled = content.replace("" + quote, "" + quote + quote);
      return quote + doubled + quote;
    }

    private String content(String alphabet) {
      int length = random.nextInt(random.nextInt(20) == 0 ? 300 : 12);
      StringBuilder content = new StringBuilder();
      for (int i = 0; i < length; i++) {
        content.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      return content.toString();
    }

    private String lineEnd() {
      return LINE_ENDS[random.nextInt(LINE_ENDS.length)];
    }

    private void write(String text) {
      out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
  }
}
