package io.fileaudit.api.file;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** In what a file differs from what was announced. */
public enum Finding {
  /** Announced by name, and nothing else was heard of it. */
  MISSING,
  /** Completed with less than was announced of it, or with other content. */
  SHORT,
  /** Seen or begun, and no ending was heard. */
  UNFINISHED,
  /** Arrived though the batch announces files and this is none of them. */
  UNEXPECTED,
  /**
   * Completed with the checksum of another file of the batch, or of an earlier batch of the table.
   */
  DUPLICATE_CONTENT;

  /** The word of the wire, as in {@code missing}. */
  @JsonValue
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The finding of that word, in any case.
   *
   * @throws IllegalArgumentException where there is none
   */
  @JsonCreator
  public static Finding of(String word) {
    return Arrays.stream(values())
        .filter(finding -> finding.word().equals(word.strip().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown finding \""
                        + word
                        + "\"; one of "
                        + Arrays.stream(values()).map(Finding::word).toList()));
  }
}
