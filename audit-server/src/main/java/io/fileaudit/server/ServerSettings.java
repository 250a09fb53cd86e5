package io.fileaudit.server;

import io.fileaudit.api.batch.Limits;
import io.fileaudit.core.ingest.WriteSettings;
import io.fileaudit.core.record.Intake;
import io.fileaudit.core.store.RetentionStore;
import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.server.access.JwtSettings;
import io.fileaudit.server.hook.AllowedPlaces;
import io.fileaudit.server.kafka.KafkaSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a node is set up.
 *
 * @param http where it listens
 * @param database where it keeps what it knows
 * @param limits the limits of batches that set none
 * @param watch how batches are watched
 * @param write how it writes
 * @param node its name
 * @param entry who may come in
 * @param kafka how it uses Kafka; null where it does not
 * @param retention how long ended batches are kept
 * @param webhooks where webhooks may go beyond the public internet
 * @param telemetry where traces and meters are sent to; null where none are
 * @param adminKeyFile the file of the admin key; null where it is in the data directory
 * @param signingKeyFile the file of the key that signs the log; null where it is in the data
 *     directory
 * @param jsonLog whether the log is JSON
 * @param effective every setting with the value that holds, secrets masked
 * @param sources every setting with the variable that it comes from; empty where that is the
 *     default
 */
public record ServerSettings(
    Http http,
    Storage database,
    Limits limits,
    Watch watch,
    WriteSettings write,
    String node,
    Entry entry,
    @Nullable Kafka kafka,
    RetentionStore.Ages retention,
    AllowedPlaces webhooks,
    @Nullable Telemetry telemetry,
    @Nullable Path adminKeyFile,
    @Nullable Path signingKeyFile,
    boolean jsonLog,
    Map<String, String> effective,
    Map<String, String> sources) {

  /**
   * Where a node listens.
   *
   * @param address the address
   * @param port of the interface; 0 takes a free one
   * @param managementAddress the address of health and metrics
   * @param managementPort of health and metrics; 0 takes a free one
   * @param publicUrl the address at which people reach it; null where it is the one it listens on
   * @param tls how it speaks TLS; null where it does not
   */
  public record Http(
      String address,
      int port,
      String managementAddress,
      int managementPort,
      @Nullable URI publicUrl,
      @Nullable Tls tls) {
    /**
     * Whether browsers reach it by TLS, whether it speaks it itself or something before it does.
     */
    public boolean isSecure() {
      return tls != null || (publicUrl != null && "https".equalsIgnoreCase(publicUrl.getScheme()));
    }
  }

  /**
   * How a node speaks TLS.
   *
   * @param certificate the file of the certificate chain, PEM
   * @param key the file of its private key, PEM
   * @param clientAuthority the file of what signs the certificates of clients; null where clients
   *     need none
   */
  public record Tls(Path certificate, Path key, @Nullable Path clientAuthority) {}

  /**
   * Who may come in, and how much of one key.
   *
   * @param requestsPerSecond the most requests a second
   * @param requestsAtATime the most requests that are open
   * @param jwt whose JWTs are let in; null for nobody's
   */
  public record Entry(int requestsPerSecond, int requestsAtATime, @Nullable JwtSettings jwt) {}

  /**
   * How a node uses Kafka.
   *
   * @param client how it is reached, and where events come from
   * @param intake what happens to them
   * @param status the topic that changes of status go to; null where none are sent
   */
  public record Kafka(KafkaSettings client, Intake.Settings intake, @Nullable String status) {}

  /**
   * Where a node sends traces and meters to.
   *
   * @param endpoint a collector, by OTLP over HTTP
   * @param traces the share of requests that begin a trace; null where no traces are sent
   * @param metrics the pause between two sendings of meters; null where they are not sent
   */
  public record Telemetry(URI endpoint, @Nullable Double traces, @Nullable Duration metrics) {
    /** An address below the endpoint. */
    String address(String path) {
      return endpoint.toString().replaceFirst("/$", "") + path;
    }
  }

  /**
   * Where a node keeps what it knows.
   *
   * @param data the data directory
   * @param service the database as the service's role; null where it is embedded
   * @param owner the database as the role that owns the schema; null where it is embedded
   * @param pool the most connections
   */
  public record Storage(
      Path data, @Nullable PostgresSettings service, @Nullable PostgresSettings owner, int pool) {}

  /**
   * How batches are watched.
   *
   * @param sweep the pause between two sweeps
   * @param grace how long loaders of a silent node have to find another
   */
  public record Watch(Duration sweep, Duration grace) {}

  /**
   * Reads settings from the environment.
   *
   * @param environment by environment variable
   * @throws InvalidSettings naming every one that cannot be used
   */
  public static ServerSettings read(Map<String, String> environment) {
    return new SettingsReader(environment).read();
  }
}
