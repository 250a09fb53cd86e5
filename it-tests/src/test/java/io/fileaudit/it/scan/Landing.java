package io.fileaudit.it.scan;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** A directory of files as loaders land them, with what each of them is known to hold. */
final class Landing {
  /**
   * What is in a file.
   *
   * @param bytes its size
   * @param checksum as the service writes it
   */
  record Content(long bytes, String checksum) {}

  private final Path directory;
  private final Map<String, Content> contents = new TreeMap<>();

  /** An empty one. */
  Landing(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  /** Lands a text. */
  Landing with(String name, String text) throws IOException {
    return with(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Lands a file, with the directories above it. */
  Landing with(String name, byte[] content) throws IOException {
    Files.createDirectories(path(name).getParent());
    Files.write(path(name), content);
    contents.put(reported(name), contentOf(content));
    return this;
  }

  /** Lands a link to a file that was landed before. */
  Landing withLink(String name, String target) throws IOException {
    Files.createSymbolicLink(path(name), path(target));
    contents.put(reported(name), contents.get(reported(target)));
    return this;
  }

  private static Content contentOf(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return new Content(content.length, "sha256:" + HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The name under which a file is reported where the directory is the argument, by its name. */
  String reported(String name) {
    return directory.getFileName() + "/" + name;
  }

  /** By reported name. */
  Map<String, Content> contents() {
    return contents;
  }

  long bytes() {
    return contents.values().stream().mapToLong(Content::bytes).sum();
  }
}
