package io.fileaudit.core.batch;

import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.Hash;

/** Trees of ledgers whose rows do not matter. */
final class Trees {
  private Trees() {}

  /** A tree of so many rows. */
  static CompactRange of(int rows) {
    CompactRange tree = CompactRange.EMPTY;
    for (int i = 0; i < rows; i++) {
      tree = tree.with(Hash.leaf(new byte[] {(byte) i}));
    }
    return tree;
  }
}
