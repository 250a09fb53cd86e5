package io.fileaudit.server.cli;

import io.fileaudit.api.evidence.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Fits the name of a file to what the service takes. A path may be longer; then its end is kept,
 * behind a digest of the whole that keeps different paths different.
 */
final class LongNames {
  static final int MOST_CHARACTERS = 1024;
  private static final int DIGEST_BYTES = 16;

  private LongNames() {}

  /** The name, or what stands for it where it is too long. */
  static String fitting(String name) {
    int characters = name.codePointCount(0, name.length());
    if (characters <= MOST_CHARACTERS) {
      return name;
    }
    String digest =
        HexFormat.of().formatHex(Sha256.of(name.getBytes(StandardCharsets.UTF_8)), 0, DIGEST_BYTES);
    String begin = "sha256:" + digest + "…";
    int kept = MOST_CHARACTERS - begin.length();
    return begin + name.substring(name.offsetByCodePoints(0, characters - kept));
  }
}
