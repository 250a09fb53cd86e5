package io.fileaudit.server.evidence;

import io.fileaudit.api.evidence.NoteSigner;
import io.fileaudit.core.evidence.LogKeys;
import io.fileaudit.server.disk.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key that signs the log: of a file that is given, or of the data directory, made at the first
 * start. Whoever has it can sign another history, so that only the service's user may read it. All
 * methods block.
 */
public final class SigningKey {
  /** The file of the key in the data directory. */
  public static final String FILE = "signing.key";

  /** The file beside it of what verifies the signatures. */
  public static final String PUBLIC_FILE = "signing.pub";

  private static final int NAME_BYTES = 6;
  private static final Logger log = LoggerFactory.getLogger(SigningKey.class);

  private SigningKey() {}

  /**
   * The keys of that file, which is read anew at each start.
   *
   * @throws IOException where it cannot be read or holds no key
   */
  public static LogKeys fromFile(Path file) throws IOException {
    return read(file, Files.readString(file, StandardCharsets.UTF_8));
  }

  /**
   * The keys of the data directory, made where there are none.
   *
   * @throws IOException where files cannot be read or written
   */
  public static LogKeys inDataDirectory(Path data, SecureRandom random) throws IOException {
    Path file = data.resolve(FILE);
    LogKeys keys;
    try {
      keys = read(file, Files.readString(file, StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      NoteSigner made = NoteSigner.generate(name(random), random);
      PrivateFiles.write(file, made.secret() + "\n");
      log.info("made the key that signs the log; it is in {}", file);
      keys = LogKeys.read(made.secret());
    }
    String open = keys.signer().key() + "\n";
    Path openFile = data.resolve(PUBLIC_FILE);
    // Where all is there already, a directory that cannot be written to is good enough.
    if (!Files.exists(openFile)
        || !Files.readString(openFile, StandardCharsets.UTF_8).equals(open)) {
      PrivateFiles.write(openFile, open);
    }
    return keys;
  }

  /** Logs of different databases have different names, so that none passes for another. */
  public static String name(SecureRandom random) {
    byte[] own = new byte[NAME_BYTES];
    random.nextBytes(own);
    return "fileaudit/" + HexFormat.of().formatHex(own);
  }

  private static LogKeys read(Path file, String text) throws IOException {
    try {
      return LogKeys.read(text);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }
}
