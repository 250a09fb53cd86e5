package io.fileaudit.server;

import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.AuditClientBuilder;
import io.fileaudit.core.access.MemoryCredentialStore;
import io.fileaudit.core.access.Token;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.MemoryExpectations;
import io.fileaudit.server.access.AdminAccess;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/**
 * The service over a store in memory, for tests of loaders: the same calls, rules and limits, on a
 * free port of this machine, without a database. What it knows is gone when it is closed. Starting
 * and closing block; any thread may use the rest.
 *
 * <pre>{@code
 * try (InMemoryAuditServer server = InMemoryAuditServer.start();
 *     AuditClient client = server.client().build()) {
 *   …
 * }
 * }</pre>
 */
public final class InMemoryAuditServer implements AutoCloseable {
  private static final String FREE_PORT = "0";

  private final RunningServer server;
  private final String key;

  private InMemoryAuditServer(RunningServer server, String key) {
    this.server = server;
    this.key = key;
  }

  /** Starts a service with the usual settings. */
  public static InMemoryAuditServer start() {
    return start(Map.of());
  }

  /**
   * Starts a service with settings of its own, by the names of docs/configuration.md, as in {@code
   * AUDIT_MAX_IDLE}: {@code PT1S}.
   *
   * @throws InvalidSettings where they cannot be used
   */
  public static InMemoryAuditServer start(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.putIfAbsent(Setting.AUDIT_PORT.name(), FREE_PORT);
    all.putIfAbsent(Setting.AUDIT_MANAGEMENT_PORT.name(), FREE_PORT);
    InstantSource clock = InstantSource.system();
    MemoryAuditStore store = new MemoryAuditStore(clock);
    String key = Token.make(Token.KEY, new SecureRandom());
    RunningServer server =
        RunningServer.start(
            ServerSettings.read(all),
            store,
            store.lineage(),
            store.feeds(),
            store.reports(),
            new MemoryExpectations(store, clock),
            store.webhooks(),
            store.evidence(),
            new MemoryCredentialStore(clock),
            new AdminAccess(Token.digest(key)));
    return new InMemoryAuditServer(server, key);
  }

  /** The service's address. */
  public String url() {
    return "http://127.0.0.1:" + server.port();
  }

  /** A key that may do everything. */
  public String key() {
    return key;
  }

  /** A builder of clients of this service. */
  public AuditClientBuilder client() {
    return AuditClient.builder().url(url()).key(key);
  }

  @Override
  public void close() {
    server.close();
  }
}
