package io.fileaudit.core.store;

import java.time.Instant;

/** Tells when something is due. */
@FunctionalInterface
public interface Schedule {
  /** The first due time behind that one. */
  Instant after(Instant time);
}
