package io.fileaudit.it.architecture.offence.left;

import io.fileaudit.it.architecture.offence.right.Right;

/** Knows the other half. */
public interface Left {
  /** The other half. */
  Right other();
}
