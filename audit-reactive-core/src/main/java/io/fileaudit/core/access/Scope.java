package io.fileaudit.core.access;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a key allows. */
public enum Scope {
  /** Open batches, send their events, end them. */
  INGEST,
  /** Look at everything of the key's namespaces. */
  READ,
  /** End, resume and change batches that others load. */
  OPERATE,
  /** Everything, keys included. */
  ADMIN;

  /** The word of the wire, as in {@code ingest}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The scope of that word; empty where there is none. */
  public static Optional<Scope> of(String word) {
    return Stream.of(values()).filter(scope -> scope.word().equals(word)).findFirst();
  }
}
