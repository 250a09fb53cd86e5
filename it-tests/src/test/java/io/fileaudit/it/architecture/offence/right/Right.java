package io.fileaudit.it.architecture.offence.right;

import io.fileaudit.it.architecture.offence.left.Left;

/** Knows the other half. */
public interface Right {
  /** The other half. */
  Left other();
}
