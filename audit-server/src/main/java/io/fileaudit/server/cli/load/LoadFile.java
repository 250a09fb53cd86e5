package io.fileaudit.server.cli.load;

import io.fileaudit.server.cli.scan.FileProblem;
import io.fileaudit.server.cli.scan.StandingStill;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** One file to be loaded, on disk or in a zip, under the name by which it is reported. */
public sealed interface LoadFile {

  /** How it is named: a path, or {@code path!/member}. */
  String name();

  /** Its size as it is stored, in a zip as it was before; as far as is known. */
  long size();

  /** Opens it for one reading. */
  Content open() throws IOException, UnreadableFile;

  /**
   * Says, when all was read, whether that was the whole and nothing else.
   *
   * @param bytes how many were read
   */
  void checkWhole(long bytes) throws IOException, UnreadableFile;

  /** A file on disk. */
  final class OnDisk implements LoadFile {
    private final String name;
    private final Path path;
    private final BasicFileAttributes before;

    /** The file as it is now. */
    public OnDisk(String name, Path path) throws IOException {
      this.name = name;
      this.path = path;
      this.before = Files.readAttributes(path, BasicFileAttributes.class);
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long size() {
      return before.size();
    }

    @Override
    public Content open() throws IOException, UnreadableFile {
      return Content.of(Files.newInputStream(path));
    }

    @Override
    public void checkWhole(long bytes) throws IOException, UnreadableFile {
      Optional<FileProblem> change = StandingStill.change(path, before, bytes);
      if (change.isPresent()) {
        throw new UnreadableFile(change.get().code().text(), change.get().message());
      }
    }
  }

  /** A member of a zip. */
  final class InZip implements LoadFile {
    private final String name;
    private final ZipFile zip;
    private final ZipEntry entry;
    private final CRC32 crc = new CRC32();

    InZip(String name, ZipFile zip, ZipEntry entry) {
      this.name = name;
      this.zip = zip;
      this.entry = entry;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long size() {
      return Math.max(entry.getSize(), 0);
    }

    @Override
    public Content open() throws IOException, UnreadableFile {
      crc.reset();
      InputStream in = zip.getInputStream(entry);
      if (in == null) {
        throw new IOException("the member is gone");
      }
      // Java compares neither size nor CRC of what it reads from a zip this way.
      return Content.of(new CheckedInputStream(in, crc));
    }

    @Override
    public void checkWhole(long bytes) throws UnreadableFile {
      boolean whole = bytes == entry.getSize() && crc.getValue() == entry.getCrc();
      if (!whole) {
        throw new UnreadableFile(
            UnreadableFile.CORRUPT_ARCHIVE, "not whole: size or CRC differ from what the zip says");
      }
    }
  }
}
