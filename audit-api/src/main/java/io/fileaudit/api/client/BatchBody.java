package io.fileaudit.api.client;

/**
 * What a loader does with a batch of its own.
 *
 * @param <E> what it may throw
 */
@FunctionalInterface
public interface BatchBody<E extends Exception> {
  /** Loads, and reports what it loads. */
  void load(BlockingBatch batch) throws E;
}
