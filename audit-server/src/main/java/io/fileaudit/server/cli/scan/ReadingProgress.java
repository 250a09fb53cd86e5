package io.fileaudit.server.cli.scan;

import java.util.OptionalLong;

/**
 * Is told how far the reading of a file has come. Called on the reading thread, which it holds up
 * while it runs.
 */
@FunctionalInterface
public interface ReadingProgress {

  /** Tells nobody. */
  ReadingProgress NONE = (bytes, rows) -> {};

  /**
   * Totals so far, never less than before. An exception from here ends the reading and reaches its
   * caller.
   *
   * @param rows data records that have ended; empty where records are not counted
   */
  void reached(long bytes, OptionalLong rows);
}
