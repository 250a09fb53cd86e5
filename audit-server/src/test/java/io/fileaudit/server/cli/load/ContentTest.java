package io.fileaudit.server.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as they are stored: plain, gzip, and members of zips. */
class ContentTest {
  @TempDir Path directory;

  @Test
  void plainFileIsMeasuredAsItIs() throws Exception {
    byte[] bytes = random(300_000);
    Files.write(directory.resolve("a"), bytes);
    LoadFile file = new LoadFile.OnDisk("a", directory.resolve("a"));

    assertThat(file.size()).isEqualTo(300_000);
    try (Content content = file.open()) {
      assertThat(content.rows().readAllBytes()).isEqualTo(bytes);
      assertThat(content.checksum()).isEqualTo(checksum(bytes));
      assertThat(content.bytes()).isEqualTo(300_000);
      file.checkWhole(content.bytes());
    }
  }

  @Test
  void gzipIsTakenApartAndMeasuredAsItIsStored() throws Exception {
    byte[] stored = concat(gzip("one,"), gzip("two"), new byte[1_000]);
    try (Content content = Content.of(new ByteArrayInputStream(stored))) {
      assertThat(new String(content.rows().readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo("one,two");
      assertThat(content.checksum()).isEqualTo(checksum(stored));
      assertThat(content.bytes()).isEqualTo(stored.length);
    }
  }

  @Test
  void gzipThatIsCutDamagedOrFollowedBySomethingIsNotWhole() throws Exception {
    byte[] whole = gzip("some rows, some more");
    for (int length = 2; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> drain(cut))
          .as("cut at %s", length)
          .isInstanceOfAny(EOFException.class, UnreadableFile.class, ZipException.class);
    }
    byte[] damaged = whole.clone();
    damaged[whole.length - 6] ^= 1;
    assertThatThrownBy(() -> drain(damaged)).isInstanceOf(ZipException.class);
    for (byte[] behind :
        new byte[][] {
          {1},
          "garbage of some length, more than a trailer".getBytes(StandardCharsets.UTF_8),
          Arrays.copyOf(whole, 9)
        }) {
      assertThatThrownBy(() -> drain(concat(whole, behind))).isInstanceOf(IOException.class);
    }
  }

  @Test
  void fileThatIsWrittenToMeanwhileIsNotWhole() throws Exception {
    Path path = Files.writeString(directory.resolve("a"), "1\n");
    LoadFile file = new LoadFile.OnDisk("a", path);
    Files.setLastModifiedTime(path, FileTime.fromMillis(1_000));

    assertThatThrownBy(() -> file.checkWhole(2))
        .isInstanceOfSatisfying(
            UnreadableFile.class, e -> assertThat(e.code()).isEqualTo("changed-while-reading"));
  }

  @Test
  void membersOfAZipAreFilesOfTheirOwn() throws Exception {
    Path path = zip("b.csv", "1\n2\n", "sub/", "", "sub/a.csv", "3\n");

    assertThat(Zip.isZip(path)).isTrue();
    try (Zip zip = Zip.open("in/x.zip", path)) {
      assertThat(zip.members())
          .extracting(LoadFile::name)
          .containsExactly("in/x.zip!/b.csv", "in/x.zip!/sub/a.csv");
      LoadFile member = zip.members().get(0);
      assertThat(member.size()).isEqualTo(4);
      try (Content content = member.open()) {
        assertThat(content.rows().readAllBytes()).hasSize(4);
        assertThat(content.checksum())
            .isEqualTo(checksum("1\n2\n".getBytes(StandardCharsets.UTF_8)));
        member.checkWhole(content.bytes());
      }
    }
  }

  @Test
  void memberWhoseBytesWereChangedIsNotWhole() throws Exception {
    Path path = directory.resolve("stored.zip");
    byte[] row = "1,abc\n".getBytes(StandardCharsets.UTF_8);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(path))) {
      ZipEntry entry = new ZipEntry("a.csv");
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(row.length);
      java.util.zip.CRC32 crc = new java.util.zip.CRC32();
      crc.update(row);
      entry.setCrc(crc.getValue());
      out.putNextEntry(entry);
      out.write(row);
    }
    byte[] bytes = Files.readAllBytes(path);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("1,abc");
    bytes[at + 2] = 'x';
    Files.write(path, bytes);

    try (Zip zip = Zip.open("x", path)) {
      LoadFile member = zip.members().get(0);
      try (Content content = member.open()) {
        content.checksum();
        assertThatThrownBy(() -> member.checkWhole(content.bytes()))
            .isInstanceOfSatisfying(
                UnreadableFile.class, e -> assertThat(e.code()).isEqualTo("corrupt-archive"));
      }
    }
  }

  @Test
  void zipThatIsCutIsNotWholeAndWhatIsNoZipIsNone() throws Exception {
    Path path = zip("a.csv", "1\n");
    byte[] bytes = Files.readAllBytes(path);
    Files.write(path, Arrays.copyOf(bytes, bytes.length / 2));

    assertThat(Zip.isZip(path)).isTrue();
    assertThatThrownBy(() -> Zip.open("x", path))
        .isInstanceOfSatisfying(
            UnreadableFile.class, e -> assertThat(e.code()).isEqualTo("corrupt-archive"));
    assertThat(Zip.isZip(Files.writeString(directory.resolve("PK"), "PK"))).isFalse();
    assertThat(Zip.isZip(Files.writeString(directory.resolve("PK1"), "PKSV1"))).isFalse();
  }

  private static void drain(byte[] bytes) throws Exception {
    try (Content content = Content.of(new ByteArrayInputStream(bytes))) {
      content.rows().readAllBytes();
      content.checksum();
    }
  }

  private Path zip(String... namesAndTexts) throws IOException {
    Path path = directory.resolve("x.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(path))) {
      for (int i = 0; i < namesAndTexts.length; i += 2) {
        out.putNextEntry(new ZipEntry(namesAndTexts[i]));
        out.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
      }
    }
    return path;
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  private static String checksum(byte[] bytes) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
