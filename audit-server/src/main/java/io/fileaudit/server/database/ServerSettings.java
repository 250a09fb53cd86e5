package io.fileaudit.server.database;

import io.fileaudit.server.disk.PrivateFiles;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The server's configuration, written at every start, so that a newer service brings newer settings
 * to old data. An operator's own settings go into {@code local.conf} in the cluster's folder; they
 * outrank the tuning, not what the service relies on.
 */
final class ServerSettings {
  private static final String CONFIGURATION =
      """
      # Written by the audit service at every start. Your own settings go into local.conf beside
      # this file.

      # -- Tuning for an audit ledger on a small machine ---------------------------------------
      # The working set is the right edge of the ledger's indexes and the files of the open
      # batches; the rest is read once, and the file system caches it.
      shared_buffers = 256MB
      effective_cache_size = 1GB
      # Index builds of migrations, and vacuum.
      maintenance_work_mem = 128MB
      # Sorts and hashes are a page of files or a chunk of events.
      work_mem = 8MB
      # Pools are small (about ten per service); the rest is for tools and other nodes.
      max_connections = 100
      # Checkpoints far apart: after each one every page touched goes whole into the log, which is
      # the larger part of what an upsert-heavy load writes. The price is a longer recovery after a
      # crash, seconds.
      max_wal_size = 2GB
      min_wal_size = 256MB
      checkpoint_timeout = 15min
      # Those whole pages compress well: a third less log, measured, at no loss of speed.
      wal_compression = on
      # Solid state discs read anywhere at about the same cost.
      random_page_cost = 1.1
      # Statements are short: compiling them or sharing them among processes costs more than it
      # gives, and takes the cores from ingest. (Containers also have little shared memory.)
      jit = off
      max_parallel_workers_per_gather = 0

      # -- What the operator sees --------------------------------------------------------------
      # One file for each day of the week, overwritten a week later.
      logging_collector = on
      log_filename = 'postgresql-%a.log'
      log_truncate_on_rotation = on
      log_rotation_age = 1d
      log_rotation_size = 0
      log_file_mode = 0600
      log_line_prefix = '%m [%p] %q%u@%d '
      log_timezone = 'UTC'
      log_lock_waits = on
      log_min_duration_statement = 2s
      # A chunk of events as a parameter would fill the log.
      log_parameter_max_length = 256

      include_if_exists = 'local.conf'

      # -- What the service relies on ----------------------------------------------------------
      # An acknowledged event survives any crash.
      fsync = on
      synchronous_commit = on
      full_page_writes = on
      # Reachable from this machine alone, over TCP with a password; no socket that other users of
      # the machine could connect to.
      listen_addresses = '127.0.0.1'
      unix_socket_directories = ''
      password_encryption = scram-sha-256
      # ALTER SYSTEM would outrank this file.
      allow_alter_system = off
      timezone = 'UTC'
      datestyle = 'iso, ymd'
      lc_messages = 'C'
      """;

  private static final String ACCESS =
      """
      # Written by the audit service at every start: this machine only, and only with a password.
      host all all 127.0.0.1/32 scram-sha-256
      host replication postgres 127.0.0.1/32 scram-sha-256
      """;

  private ServerSettings() {}

  static void write(Path cluster, Path logDirectory, int port) throws IOException {
    String place =
        "log_directory = '%s'%nport = %d%n"
            .formatted(logDirectory.toString().replace("'", "''"), port);
    PrivateFiles.write(cluster.resolve("postgresql.conf"), CONFIGURATION + place);
    PrivateFiles.write(cluster.resolve("pg_hba.conf"), ACCESS);
  }
}
