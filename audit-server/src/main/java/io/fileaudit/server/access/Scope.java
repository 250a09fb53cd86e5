package io.fileaudit.server.access;

/** What a key allows. */
public enum Scope {
  /** Open batches, send their events, end them. */
  INGEST,
  /** Look at everything of the key's namespaces. */
  READ,
  /** End, resume and change batches that others load. */
  OPERATE,
  /** Everything, keys included. */
  ADMIN
}
