package io.fileaudit.core.ingest;

import java.time.Duration;

/**
 * How a node writes.
 *
 * @param chunkSize the most events that are committed together
 * @param concurrency the most commits at a time
 * @param retryFor how long a commit is tried again while the store is away, before its senders are
 *     told
 */
public record WriteSettings(int chunkSize, int concurrency, Duration retryFor) {
  /** 4,000 events, three commits at a time, ten seconds. */
  public static final WriteSettings DEFAULTS = new WriteSettings(4_000, 3, Duration.ofSeconds(10));

  public WriteSettings {
    if (chunkSize < 1 || chunkSize > 100_000) {
      throw new IllegalArgumentException("chunk-size is " + chunkSize + ", expected 1 to 100000");
    }
    if (concurrency < 1 || concurrency > 64) {
      throw new IllegalArgumentException("concurrency is " + concurrency + ", expected 1 to 64");
    }
  }
}
