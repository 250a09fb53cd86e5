package io.fileaudit.server.cli.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** A zip whose members are files of their own, in the order of its directory. */
public final class Zip implements AutoCloseable {
  private static final int FIRST_MEMBER = 0x0304;
  private static final int NO_MEMBER = 0x0506;

  private final ZipFile file;
  private final List<LoadFile> members;

  private Zip(ZipFile file, List<LoadFile> members) {
    this.file = file;
    this.members = members;
  }

  /** Whether a file begins like a zip, whatever its name. */
  public static boolean isZip(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] head = in.readNBytes(4);
      int kind = head.length < 4 ? 0 : head[2] << 8 | head[3];
      return head.length == 4
          && head[0] == 'P'
          && head[1] == 'K'
          && (kind == FIRST_MEMBER || kind == NO_MEMBER);
    }
  }

  /**
   * Opens one.
   *
   * @param name under which the zip itself would be reported
   * @throws UnreadableFile where it is damaged, or two members have one name
   */
  public static Zip open(String name, Path path) throws IOException, UnreadableFile {
    try {
      ZipFile file = openNamed(path);
      try {
        return new Zip(file, members(name, file));
      } catch (UnreadableFile e) {
        file.close();
        throw e;
      }
    } catch (ZipException e) {
      throw UnreadableFile.of(e);
    }
  }

  /** Names are UTF-8 where the zip says so or they can be; else each byte is a character. */
  private static ZipFile openNamed(Path path) throws IOException {
    try {
      return new ZipFile(path.toFile(), StandardCharsets.UTF_8);
    } catch (ZipException e) {
      return new ZipFile(path.toFile(), StandardCharsets.ISO_8859_1);
    }
  }

  private static List<LoadFile> members(String name, ZipFile file) throws UnreadableFile {
    List<LoadFile> members = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (ZipEntry entry : java.util.Collections.list(file.entries())) {
      if (entry.isDirectory()) {
        continue;
      }
      if (!names.add(entry.getName())) {
        throw new UnreadableFile(
            UnreadableFile.CORRUPT_ARCHIVE, "two members are named " + entry.getName());
      }
      members.add(new LoadFile.InZip(name + "!/" + entry.getName(), file, entry));
    }
    return members;
  }

  /** The files in it. */
  public List<LoadFile> members() {
    return members;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
