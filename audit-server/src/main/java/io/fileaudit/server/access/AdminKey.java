package io.fileaudit.server.access;

import io.fileaudit.core.access.Token;
import io.fileaudit.server.disk.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin key of a data directory: made at the first start, kept hashed, and left in plain in a
 * file that only the service's user may read. All methods block.
 */
public final class AdminKey {
  /** The file of the plain key in the data directory. */
  public static final String FILE = "admin.key";

  private static final String HASH_FILE = "admin.key.sha256";
  private static final int HASH_BYTES = 32;
  private static final int SHORTEST = 32;
  private static final Logger log = LoggerFactory.getLogger(AdminKey.class);

  private AdminKey() {}

  /**
   * The access of the key in that file, which is read anew at each start.
   *
   * @throws IOException where it cannot be read or holds no key
   */
  public static AdminAccess fromFile(Path file) throws IOException {
    String key = Files.readString(file, StandardCharsets.UTF_8).strip();
    if (key.length() < SHORTEST || key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IOException(
          file
              + " holds no key: expected at least "
              + SHORTEST
              + " printable ASCII characters without a space");
    }
    return new AdminAccess(Token.digest(key));
  }

  /**
   * The access of the data directory's key, which is made where there is none.
   *
   * @throws IOException where files cannot be read or written
   */
  public static AdminAccess inDataDirectory(Path data, SecureRandom random) throws IOException {
    Path plainFile = data.resolve(FILE);
    Path hashFile = data.resolve(HASH_FILE);
    String plain = readIfThere(plainFile);
    String hash = readIfThere(hashFile);
    if (hash == null) {
      // The plain key first: a start that is killed between the two leaves a key that still counts.
      if (plain == null) {
        plain = Token.make(Token.KEY, random);
        PrivateFiles.write(plainFile, plain + "\n");
        log.info("made the admin key; it is in {}", plainFile);
      }
      hash = HexFormat.of().formatHex(Token.digest(plain));
      PrivateFiles.write(hashFile, hash + "\n");
    } else if (plain != null && !matches(plain, hash)) {
      log.warn(
          "{} is not the key that {} was made from; remove both to have a new key made",
          plainFile,
          hashFile);
    }
    return new AdminAccess(parse(hashFile, hash));
  }

  private static boolean matches(String plain, String hash) {
    byte[] expected =
        HexFormat.of().formatHex(Token.digest(plain)).getBytes(StandardCharsets.US_ASCII);
    return MessageDigest.isEqual(expected, hash.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] parse(Path file, String hash) throws IOException {
    try {
      byte[] bytes = HexFormat.of().parseHex(hash);
      if (bytes.length == HASH_BYTES) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      log.debug("not hexadecimal: {}", file, e);
    }
    throw new IOException(file + " holds no SHA-256; remove it to have it made anew");
  }

  private static @Nullable String readIfThere(Path file) throws IOException {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
