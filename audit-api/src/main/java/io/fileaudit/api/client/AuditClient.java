package io.fileaudit.api.client;

/** The client of an audit service. */
public final class AuditClient {
  private AuditClient() {}

  /** Starts a client of the service at {@code http://127.0.0.1:8080}. */
  public static AuditClientBuilder builder() {
    return new AuditClientBuilder();
  }
}
