package io.fileaudit.it.load;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files as they land: plain and in archives, in Latin-1. */
final class Archives {
  private static final Charset LATIN_1 = StandardCharsets.ISO_8859_1;

  private Archives() {}

  static void plain(Path path, String text) throws IOException {
    Files.createDirectories(path.getParent());
    Files.write(path, text.getBytes(LATIN_1));
  }

  static void gzip(Path path, String text) throws IOException {
    Files.createDirectories(path.getParent());
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(path))) {
      out.write(text.getBytes(LATIN_1));
    }
  }

  /** Names of members and their texts in turn. */
  static void zip(Path path, String... members) throws IOException {
    Files.createDirectories(path.getParent());
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(path))) {
      for (int i = 0; i < members.length; i += 2) {
        out.putNextEntry(new ZipEntry(members[i]));
        out.write(members[i + 1].getBytes(LATIN_1));
      }
    }
  }

  /** So many rows of a number and a name with an accent, from a number on. */
  static String rows(int from, int count) {
    StringBuilder text = new StringBuilder();
    for (int id = from; id < from + count; id++) {
      text.append('"').append(id).append("\";\"AÇÃO ").append(id).append("\"\r\n");
    }
    return text.toString();
  }
}
