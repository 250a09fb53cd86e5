package io.fileaudit.server.cli;

import java.util.Locale;

/** How a list is printed. */
enum OutputFormat {
  /** Aligned, for people. */
  TABLE,
  /** One JSON document. */
  JSON,
  /** A JSON document a line. */
  JSONL,
  /** RFC 4180, with a header. */
  CSV;

  /** As it is typed. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
