package io.fileaudit.core.batch;

import java.util.Comparator;
import java.util.UUID;

/**
 * Names a batch. The namespace is part of every key, so that one namespace never reads another's.
 *
 * @param namespace who the batch belongs to
 * @param id the batch
 */
public record BatchKey(String namespace, UUID id) implements Comparable<BatchKey> {
  private static final Comparator<BatchKey> ORDER =
      Comparator.comparing(BatchKey::namespace).thenComparing(key -> key.id().toString());

  /** The order in which batches are locked, everywhere the same. */
  @Override
  public int compareTo(BatchKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return namespace + "/" + id;
  }
}
