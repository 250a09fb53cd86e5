package io.fileaudit.server;

import io.fileaudit.api.batch.Limits;
import io.fileaudit.core.ingest.WriteSettings;
import io.fileaudit.r2dbc.PostgresSettings;
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
 * @param adminKeyFile the file of the admin key; null where it is in the data directory
 * @param jsonLog whether the log is JSON
 * @param effective every setting with the value that holds, secrets masked
 */
public record ServerSettings(
    Http http,
    Storage database,
    Limits limits,
    Watch watch,
    WriteSettings write,
    String node,
    @Nullable Path adminKeyFile,
    boolean jsonLog,
    Map<String, String> effective) {

  /**
   * Where a node listens.
   *
   * @param address the address
   * @param port of the interface; 0 takes a free one
   * @param managementPort of health and metrics; 0 takes a free one
   */
  public record Http(String address, int port, int managementPort) {}

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
