package io.fileaudit.server;

import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitAction;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.core.ingest.WriteSettings;
import io.fileaudit.r2dbc.PostgresSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Reads settings and gathers what is wrong with them, so that all of it is told at once. */
final class SettingsReader {
  private static final int MAX_PORT = 65_535;
  private static final Duration LEAST_SWEEP = Duration.ofMillis(50);

  /** Reads a value; null or an exception means that it is none. */
  @FunctionalInterface
  private interface Reader<T> {
    @Nullable T read(String text);
  }

  private final Map<String, String> environment;
  private final List<String> problems = new ArrayList<>();
  private final Map<String, String> effective = new LinkedHashMap<>();

  SettingsReader(Map<String, String> environment) {
    this.environment = environment;
  }

  ServerSettings read() {
    rejectUnknown();
    ServerSettings.Http http =
        new ServerSettings.Http(
            address(),
            integer(Setting.AUDIT_PORT, 0, MAX_PORT),
            integer(Setting.AUDIT_MANAGEMENT_PORT, 0, MAX_PORT));
    if (http.port() == http.managementPort() && http.port() != 0) {
      problems.add(
          "AUDIT_MANAGEMENT_PORT is "
              + http.managementPort()
              + ", expected another port than AUDIT_PORT: health and metrics are open to all");
    }
    PostgresSettings service = database(Setting.AUDIT_DB);
    PostgresSettings owner = database(Setting.AUDIT_DB_OWNER);
    int pool = integer(Setting.AUDIT_DB_POOL, 2, 500);
    if (owner != null && service == null) {
      problems.add(
          "AUDIT_DB_OWNER is set and AUDIT_DB is not: an embedded database has an owner of its own");
    }
    ServerSettings.Storage storage =
        new ServerSettings.Storage(
            path(Setting.AUDIT_DATA), service, owner == null ? service : owner, pool);
    Limits limits =
        new Limits(
            limit(Setting.AUDIT_OPERATION_TIMEOUT, LimitAction.END),
            limit(Setting.AUDIT_MAX_IDLE, LimitAction.END),
            limit(Setting.AUDIT_START_TIMEOUT, LimitAction.END),
            limit(Setting.AUDIT_MAX_NO_PROGRESS, LimitAction.FLAG));
    ServerSettings.Watch watch =
        new ServerSettings.Watch(
            duration(Setting.AUDIT_WATCHDOG_INTERVAL, LEAST_SWEEP, Duration.ofMinutes(5)),
            duration(Setting.AUDIT_RECONNECT_GRACE, Duration.ZERO, Duration.ofHours(1)));
    WriteSettings write = write();
    String node = node();
    String keyFile = text(Setting.AUDIT_ADMIN_KEY_FILE);
    boolean json = choice(Setting.AUDIT_LOG, "text", "json").equals("json");
    if (!problems.isEmpty()) {
      throw new InvalidSettings(problems);
    }
    return new ServerSettings(
        http,
        storage,
        limits,
        watch,
        write,
        node,
        keyFile.isEmpty() ? null : Path.of(keyFile),
        json,
        effective);
  }

  /**
   * A misspelt variable must not pass as none; those that only the command line reads are known as
   * well.
   */
  private void rejectUnknown() {
    List<String> known =
        new ArrayList<>(
            List.of(
                "AUDIT_URL", "AUDIT_KEY", "AUDIT_JAVA_OPTS", "AUDIT_DISABLED", "AUDIT_NAMESPACE"));
    for (Setting setting : Setting.values()) {
      known.add(setting.name());
    }
    for (String name : environment.keySet()) {
      if (name.startsWith("AUDIT_") && !known.contains(name)) {
        problems.add(name + " is no setting; see docs/configuration.md");
      }
    }
  }

  private String text(Setting setting, String... others) {
    String value = environment.getOrDefault(source(setting, others), "");
    String holds = value.isBlank() ? setting.standard() : value.strip();
    effective.put(setting.name(), setting.isSecret() && !holds.isEmpty() ? "***" : holds);
    return holds;
  }

  /** The variable that a setting comes from: its own, or the first other that is set. */
  private String source(Setting setting, String... others) {
    if (environment.getOrDefault(setting.name(), "").isBlank()) {
      for (String other : others) {
        if (!environment.getOrDefault(other, "").isBlank()) {
          return other;
        }
      }
    }
    return setting.name();
  }

  private String address() {
    String address = text(Setting.AUDIT_ADDRESS);
    boolean allowed = choice(Setting.AUDIT_ALLOW_INSECURE, "false", "true").equals("true");
    try {
      if (!InetAddress.getByName(address).isLoopbackAddress() && !allowed) {
        problems.add(
            "AUDIT_ADDRESS is "
                + address
                + ", which others can reach, and there is no TLS; put something in front that encrypts and set"
                + " AUDIT_ALLOW_INSECURE=true");
      }
    } catch (UnknownHostException e) {
      problems.add("AUDIT_ADDRESS is " + address + ", expected an address of this machine");
    }
    return address;
  }

  private @Nullable PostgresSettings database(Setting setting) {
    String url = text(setting);
    if (url.isEmpty()) {
      return null;
    }
    try {
      return PostgresSettings.parse(url);
    } catch (IllegalArgumentException e) {
      problems.add(setting + ": " + e.getMessage());
      return null;
    }
  }

  private Path path(Setting setting) {
    String text = text(setting).replaceFirst("^~(?=/|$)", System.getProperty("user.home", "."));
    try {
      return Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      problems.add(setting + " is " + text + ", expected a path");
      return Path.of(".");
    }
  }

  private WriteSettings write() {
    int chunk = integer(Setting.AUDIT_WRITE_CHUNK_SIZE, 1, 100_000);
    int concurrency = integer(Setting.AUDIT_WRITE_CONCURRENCY, 1, 64, "ETL_INTERNAL_CONCURRENCY");
    boolean parallel =
        choice(Setting.AUDIT_WRITE_PARALLEL, "true", "false", "ETL_ENABLE_INTERNAL_PARALLELISM")
            .equals("true");
    Duration retry = duration(Setting.AUDIT_WRITE_RETRY, Duration.ZERO, Duration.ofMinutes(10));
    return new WriteSettings(chunk, parallel ? concurrency : 1, retry);
  }

  private String node() {
    String node = text(Setting.AUDIT_NODE);
    if (!node.isEmpty()) {
      return node;
    }
    byte[] random = new byte[3];
    ThreadLocalRandom.current().nextBytes(random);
    String host = environment.getOrDefault("HOSTNAME", "node");
    String made = host + "-" + HexFormat.of().formatHex(random);
    effective.put(Setting.AUDIT_NODE.name(), made);
    return made;
  }

  private int integer(Setting setting, int least, int most, String... others) {
    return parse(
        setting,
        least,
        "an integer from " + least + " to " + most,
        text -> {
          int value = Integer.parseInt(text);
          return value >= least && value <= most ? value : null;
        },
        others);
  }

  private Duration duration(Setting setting, Duration least, Duration most) {
    return parse(
        setting,
        least,
        "an ISO 8601 duration from " + least + " to " + most,
        text -> {
          Duration value = Duration.parse(text);
          return value.compareTo(least) >= 0 && value.compareTo(most) <= 0 ? value : null;
        });
  }

  private Limit limit(Setting setting, LimitAction action) {
    return parse(
        setting,
        Limit.off(),
        "an ISO 8601 duration as in PT30M, or off",
        text -> {
          Limit limit = Limit.read(text);
          return limit.after() == null ? limit : new Limit(limit.after(), action);
        });
  }

  private String choice(Setting setting, String one, String other, String... others) {
    return parse(
        setting,
        one,
        one + " or " + other,
        text -> {
          String word = text.toLowerCase(Locale.ROOT);
          return word.equals(one) || word.equals(other) ? word : null;
        },
        others);
  }

  private <T> T parse(
      Setting setting, T otherwise, String expected, Reader<T> reader, String... others) {
    String text = text(setting, others);
    try {
      T value = reader.read(text);
      if (value != null) {
        return value;
      }
    } catch (IllegalArgumentException | DateTimeParseException e) {
      // Told below, as a value out of bounds is.
    }
    problems.add(source(setting, others) + " is \"" + text + "\", expected " + expected);
    return otherwise;
  }
}
