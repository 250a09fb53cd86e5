package io.fileaudit.server;

import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitAction;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.core.access.Namespaces;
import io.fileaudit.core.ingest.WriteSettings;
import io.fileaudit.core.record.Intake;
import io.fileaudit.core.store.RetentionStore;
import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.server.access.JwtSettings;
import io.fileaudit.server.hook.AllowedPlaces;
import io.fileaudit.server.kafka.KafkaSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads settings and gathers what is wrong with them, so that all of it is told at once. */
final class SettingsReader {
  private static final int MAX_PORT = 65_535;
  private static final Duration LEAST_AGE = Duration.ofSeconds(1);

  /** A longer one would lead before the beginning of the store's calendar. */
  private static final Duration MOST_AGE = Duration.ofDays(36_500);

  private static final Duration LEAST_PUSH = Duration.ofSeconds(1);
  private static final Duration MOST_PUSH = Duration.ofHours(1);
  private static final Duration LEAST_SWEEP = Duration.ofMillis(50);
  private static final int MOST_OF_ONE_POLL = 20_000;
  private static final String BROKER = "(\\[[0-9a-fA-F:.]+]|[^\\s,:\\[\\]]+):\\d{1,5}";
  private static final Pattern BROKERS = Pattern.compile(BROKER + "(\\s*,\\s*" + BROKER + ")*");
  private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

  /** Reads a value; null or an exception means that it is none. */
  @FunctionalInterface
  private interface Reader<T> {
    @Nullable T read(String text);
  }

  private final Map<String, String> environment;
  private final List<String> problems = new ArrayList<>();
  private final Map<String, String> effective = new LinkedHashMap<>();
  private final Map<String, String> sources = new LinkedHashMap<>();

  SettingsReader(Map<String, String> environment) {
    this.environment = environment;
  }

  ServerSettings read() {
    rejectUnknown();
    ServerSettings.Tls tls = tls();
    boolean insecure = choice(Setting.AUDIT_ALLOW_INSECURE, "false", "true").equals("true");
    ServerSettings.Http http =
        new ServerSettings.Http(
            address(Setting.AUDIT_ADDRESS, tls != null || insecure),
            integer(Setting.AUDIT_PORT, 0, MAX_PORT),
            address(Setting.AUDIT_MANAGEMENT_ADDRESS, tls != null || insecure),
            integer(Setting.AUDIT_MANAGEMENT_PORT, 0, MAX_PORT),
            publicUrl(),
            tls);
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
    ServerSettings.Entry entry =
        new ServerSettings.Entry(
            integer(Setting.AUDIT_KEY_RATE, 1, 1_000_000),
            integer(Setting.AUDIT_KEY_CONCURRENCY, 1, 1_000_000),
            jwt());
    ServerSettings.Kafka kafka = kafka(write);
    RetentionStore.Ages retention = retention();
    AllowedPlaces webhooks = webhooks();
    ServerSettings.Telemetry telemetry = telemetry();
    Path keyFile = file(Setting.AUDIT_ADMIN_KEY_FILE);
    Path signingFile = file(Setting.AUDIT_SIGNING_KEY_FILE);
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
        entry,
        kafka,
        retention,
        webhooks,
        telemetry,
        keyFile,
        signingFile,
        json,
        effective,
        sources);
  }

  /**
   * A misspelt variable must not pass as none; those that only the command line reads are known as
   * well.
   */
  private void rejectUnknown() {
    List<String> known =
        new ArrayList<>(
            List.of(
                "AUDIT_URL",
                "AUDIT_KEY",
                "AUDIT_CA",
                "AUDIT_CLIENT_CERT",
                "AUDIT_CLIENT_KEY",
                "AUDIT_JAVA_OPTS",
                "AUDIT_DISABLED",
                "AUDIT_LOAD_URL",
                "AUDIT_SPOOL",
                "AUDIT_NAMESPACE"));
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
    String source = source(setting, others);
    String value = environment.getOrDefault(source, "");
    String holds = value.isBlank() ? setting.standard() : value.strip();
    sources.put(setting.name(), value.isBlank() ? "" : source);
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

  private String address(Setting setting, boolean mayBeReached) {
    String address = text(setting);
    try {
      if (!InetAddress.getByName(address).isLoopbackAddress() && !mayBeReached) {
        problems.add(
            setting
                + " is "
                + address
                + ", which others can reach, and there is no TLS; set AUDIT_TLS_CERT and AUDIT_TLS_KEY, or put"
                + " something in front that encrypts and set AUDIT_ALLOW_INSECURE=true");
      }
    } catch (UnknownHostException e) {
      problems.add(setting + " is " + address + ", expected an address of this machine");
    }
    return address;
  }

  /** Of this machine it may be plain HTTP; elsewhere whoever is on the way could give keys. */
  private @Nullable URI keysAddress() {
    URI address = uri(Setting.AUDIT_JWT_KEYS, List.of("https", "http"));
    if (address == null || address.getScheme().equalsIgnoreCase("https")) {
      return address;
    }
    try {
      if (InetAddress.getByName(address.getHost()).isLoopbackAddress()) {
        return address;
      }
    } catch (UnknownHostException e) {
      // Told below, as another machine's is.
    }
    problems.add(
        "AUDIT_JWT_KEYS is \"" + address + "\", expected https, or http of this machine alone");
    return null;
  }

  private @Nullable URI publicUrl() {
    URI url = uri(Setting.AUDIT_PUBLIC_URL, List.of("http", "https"));
    if (url != null && (url.getRawQuery() != null || url.getRawFragment() != null)) {
      problems.add("AUDIT_PUBLIC_URL has a query or fragment, expected an address without them");
    }
    return url;
  }

  private @Nullable URI uri(Setting setting, List<String> schemes) {
    String text = text(setting);
    if (text.isEmpty()) {
      return null;
    }
    try {
      URI uri = URI.create(text);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      if (schemes.contains(scheme) && uri.getHost() != null && uri.getRawUserInfo() == null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Told below, as an address without a host is.
    }
    // What stands before an @ may be a password.
    String shown = text.replaceFirst("^([a-zA-Z][a-zA-Z0-9+.-]*:)?(//)?.*@", "$1$2…@");
    problems.add(
        setting
            + " is \""
            + shown
            + "\", expected an address with "
            + String.join(" or ", schemes)
            + " and no user");
    return null;
  }

  private ServerSettings.@Nullable Tls tls() {
    Path certificate = file(Setting.AUDIT_TLS_CERT);
    Path key = file(Setting.AUDIT_TLS_KEY);
    Path authority = file(Setting.AUDIT_TLS_CLIENT_CA);
    if (certificate != null && key != null) {
      return new ServerSettings.Tls(certificate, key, authority);
    }
    if (certificate != null || key != null || authority != null) {
      problems.add(
          "AUDIT_TLS_CERT and AUDIT_TLS_KEY are set both or not at all, and AUDIT_TLS_CLIENT_CA only with them");
    }
    return null;
  }

  /** A file that has to be there and readable. */
  private @Nullable Path file(Setting setting) {
    if (text(setting).isEmpty()) {
      return null;
    }
    Path path = path(setting);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      problems.add(setting + " is " + path + ", expected a file that can be read");
    }
    return path;
  }

  private @Nullable JwtSettings jwt() {
    String issuer = text(Setting.AUDIT_JWT_ISSUER);
    String audience = text(Setting.AUDIT_JWT_AUDIENCE);
    String keys = text(Setting.AUDIT_JWT_KEYS);
    String algorithm =
        parse(
            Setting.AUDIT_JWT_ALGORITHM,
            "RS256",
            "one of " + String.join(", ", JwtSettings.ALGORITHMS),
            text -> JwtSettings.ALGORITHMS.contains(text) ? text : null);
    String scopes = text(Setting.AUDIT_JWT_SCOPES_CLAIM);
    String namespaces = text(Setting.AUDIT_JWT_NAMESPACES_CLAIM);
    if (issuer.isEmpty() && audience.isEmpty() && keys.isEmpty()) {
      return null;
    }
    if (issuer.isEmpty() || audience.isEmpty() || keys.isEmpty()) {
      problems.add(
          "AUDIT_JWT_ISSUER, AUDIT_JWT_AUDIENCE and AUDIT_JWT_KEYS are set all three or not at all");
      return null;
    }
    URI source =
        keys.contains("://")
            ? keysAddress()
            : Objects.requireNonNull(file(Setting.AUDIT_JWT_KEYS)).toUri();
    return source == null
        ? null
        : new JwtSettings(issuer, audience, source, algorithm, scopes, namespaces);
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

  /** A poll is as much as the commits of a node hold at a time. */
  private ServerSettings.@Nullable Kafka kafka(WriteSettings write) {
    String brokers =
        parse(
            Setting.AUDIT_KAFKA,
            "",
            "host:port, with commas between several",
            text -> text.isEmpty() || BROKERS.matcher(text).matches() ? text : null);
    String group = text(Setting.AUDIT_KAFKA_GROUP);
    String events = topic(Setting.AUDIT_KAFKA_EVENTS);
    String deadLetters = topic(Setting.AUDIT_KAFKA_DEAD_LETTERS);
    String status = topic(Setting.AUDIT_KAFKA_STATUS);
    Duration stall =
        duration(Setting.AUDIT_KAFKA_STALL, Duration.ofSeconds(10), Duration.ofHours(1));
    Map<String, String> properties = clientProperties();
    if (events.equals(deadLetters) || events.equals(status) || deadLetters.equals(status)) {
      problems.add(
          "AUDIT_KAFKA_EVENTS, AUDIT_KAFKA_DEAD_LETTERS and AUDIT_KAFKA_STATUS are "
              + String.join(", ", events, deadLetters, status)
              + ", expected three topics");
    }
    if (brokers.isEmpty()) {
      return null;
    }
    int most = Math.min(MOST_OF_ONE_POLL, write.chunkSize() * write.concurrency());
    return new ServerSettings.Kafka(
        new KafkaSettings(brokers, group, events, most, properties),
        new Intake.Settings(deadLetters, stall),
        status.equalsIgnoreCase("off") ? null : status);
  }

  private ServerSettings.@Nullable Telemetry telemetry() {
    URI endpoint = uri(Setting.AUDIT_OTLP_ENDPOINT, List.of("http", "https"));
    Optional<Double> traces =
        parse(
            Setting.AUDIT_OTLP_TRACES,
            Optional.empty(),
            "a number from 0 to 1, or off",
            SettingsReader::share);
    Optional<Duration> metrics =
        parse(
            Setting.AUDIT_OTLP_METRICS,
            Optional.empty(),
            "an ISO 8601 duration from " + LEAST_PUSH + " to " + MOST_PUSH + ", or off",
            SettingsReader::push);
    if (endpoint != null && endpoint.getRawQuery() != null) {
      problems.add("AUDIT_OTLP_ENDPOINT has a query, expected an address without one");
    }
    return endpoint == null
        ? null
        : new ServerSettings.Telemetry(endpoint, traces.orElse(null), metrics.orElse(null));
  }

  private static @Nullable Optional<Double> share(String text) {
    if (text.equalsIgnoreCase("off")) {
      return Optional.empty();
    }
    double share = Double.parseDouble(text);
    return share >= 0 && share <= 1 ? Optional.of(share) : null;
  }

  private static @Nullable Optional<Duration> push(String text) {
    if (text.equalsIgnoreCase("off")) {
      return Optional.empty();
    }
    Duration pause = Duration.parse(text);
    return pause.compareTo(LEAST_PUSH) >= 0 && pause.compareTo(MOST_PUSH) <= 0
        ? Optional.of(pause)
        : null;
  }

  private String topic(Setting setting) {
    return parse(
        setting,
        setting.standard(),
        "the name of a topic: 1 to 249 letters, digits, dots, dashes and underscores",
        text -> TOPIC.matcher(text).matches() ? text : null);
  }

  private Map<String, String> clientProperties() {
    Path file = file(Setting.AUDIT_KAFKA_PROPERTIES);
    if (file == null || !Files.isReadable(file) || Files.isDirectory(file)) {
      return Map.of();
    }
    try {
      return KafkaSettings.readProperties(file);
    } catch (IOException | IllegalArgumentException e) {
      problems.add(Setting.AUDIT_KAFKA_PROPERTIES + ": " + e.getMessage());
      return Map.of();
    }
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

  private AllowedPlaces webhooks() {
    try {
      return AllowedPlaces.read(text(Setting.AUDIT_WEBHOOKS_ALLOW));
    } catch (IllegalArgumentException e) {
      problems.add(
          "AUDIT_WEBHOOKS_ALLOW has a part that is no host, address or range: " + e.getMessage());
      return AllowedPlaces.read("");
    }
  }

  private RetentionStore.Ages retention() {
    Optional<Duration> standard = age(Setting.AUDIT_RETENTION, text(Setting.AUDIT_RETENTION));
    Map<String, Duration> byNamespace = new TreeMap<>();
    Set<String> forever = new TreeSet<>();
    for (String part : text(Setting.AUDIT_RETENTION_NAMESPACES).split(",", -1)) {
      int at = part.indexOf('=');
      String namespace = at < 0 ? part.strip() : part.substring(0, at).strip();
      if (part.isBlank()) {
        continue;
      }
      if (at < 0 || !Namespaces.isName(namespace)) {
        problems.add(
            "AUDIT_RETENTION_NAMESPACES has \""
                + part.strip()
                + "\", expected name=P30D or name=off");
        continue;
      }
      age(Setting.AUDIT_RETENTION_NAMESPACES, part.substring(at + 1).strip())
          .ifPresentOrElse(age -> byNamespace.put(namespace, age), () -> forever.add(namespace));
    }
    return new RetentionStore.Ages(standard.orElse(null), byNamespace, forever);
  }

  /** An age; empty where it is off, or no age. */
  private Optional<Duration> age(Setting setting, String text) {
    if (text.equalsIgnoreCase("off")) {
      return Optional.empty();
    }
    try {
      Duration age = Duration.parse(text);
      if (age.compareTo(LEAST_AGE) >= 0 && age.compareTo(MOST_AGE) <= 0) {
        return Optional.of(age);
      }
    } catch (DateTimeParseException e) {
      // Told below, as one that is too short or too long is.
    }
    problems.add(
        setting
            + " has \""
            + text
            + "\", expected off or an ISO 8601 duration from a second to 36500 days, as in P365D");
    return Optional.empty();
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
