package io.fileaudit.server.cli;

import com.fasterxml.jackson.annotation.JsonValue;
import io.fileaudit.api.file.FileState;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the comparison of a file on disk with its account came to.
 *
 * @param file its name in the account
 * @param result what it came to
 * @param state what the account says of it; null where it says nothing
 * @param bytes size on disk; null where it was not read
 * @param storedBytes size in the account
 * @param checksum of what is on disk; null where it was not read
 * @param storedChecksum in the account
 * @param reason why it could not be compared, or in what it differs
 */
record CheckedFile(
    String file,
    Result result,
    @Nullable FileState state,
    @Nullable Long bytes,
    @Nullable Long storedBytes,
    @Nullable String checksum,
    @Nullable String storedChecksum,
    @Nullable String reason) {

  /** What a comparison comes to. */
  enum Result {
    /** The content has the SHA-256 that is stored. */
    SAME,
    /** The content is another. */
    DIFFERENT,
    /** It cannot be said: no SHA-256 is stored, or the file cannot be read. */
    UNVERIFIED,
    /** In the account and not on disk. */
    MISSING,
    /** On disk and not in the account. */
    EXTRA;

    /** The word that is printed. */
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
