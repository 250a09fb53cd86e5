package io.fileaudit.api.client;

/** What a client counts; without effect where nobody asked for meters. */
interface ClientMeters {
  ClientMeters NONE = new ClientMeters() {};

  /** Events became durable. */
  default void acknowledged(long events) {}

  /** The service did not accept an event. */
  default void refused() {}

  /** A call failed in a way that may pass, and will be made again. */
  default void retried() {}

  /** Events were written to the disk. */
  default void spooled(long events) {}

  /** Events were given up. */
  default void undelivered(long events) {}

  /** A heartbeat was answered. */
  default void heartbeat() {}
}
