package io.fileaudit.server;

import io.fileaudit.api.evidence.NoteSigner;
import io.fileaudit.core.access.CredentialStore;
import io.fileaudit.core.evidence.LogKeys;
import io.fileaudit.core.evidence.Notary;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.EvidenceStore;
import io.fileaudit.core.store.ExpectationStore;
import io.fileaudit.core.store.FeedStore;
import io.fileaudit.core.store.LineageStore;
import io.fileaudit.core.store.NoRetention;
import io.fileaudit.core.store.OutboxStore;
import io.fileaudit.core.store.ReportStore;
import io.fileaudit.core.store.WatchStore;
import io.fileaudit.core.store.WebhookStore;
import io.fileaudit.r2dbc.PostgresAuditStore;
import io.fileaudit.r2dbc.PostgresSettings;
import io.fileaudit.r2dbc.migration.Doubts;
import io.fileaudit.r2dbc.migration.Migrations;
import io.fileaudit.server.access.AdminAccess;
import io.fileaudit.server.access.AdminKey;
import io.fileaudit.server.access.Logins;
import io.fileaudit.server.database.EmbeddedDatabase;
import io.fileaudit.server.database.EmbeddedDatabaseOptions;
import io.fileaudit.server.disk.PrivateFiles;
import io.fileaudit.server.evidence.RememberedCheckpoint;
import io.fileaudit.server.evidence.SigningKey;
import io.fileaudit.server.http.Closing;
import io.fileaudit.server.http.Route;
import io.fileaudit.server.kafka.ReactorKafkaLog;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.support.EnvironmentPostProcessorApplicationListener;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import reactor.core.Disposable;

/**
 * A node that serves. Starting and closing block, so they belong on an ordinary thread; what is in
 * between is reactive.
 */
public final class RunningServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RunningServer.class);

  /** With forward secrecy, and none that has to be told of padding: RFC 9325. */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");

  private static final Duration CLOSING = Duration.ofSeconds(20);

  private final ConfigurableApplicationContext context;
  private final Deque<AutoCloseable> behind;

  private RunningServer(ConfigurableApplicationContext context, Deque<AutoCloseable> behind) {
    this.context = context;
    this.behind = behind;
  }

  /**
   * Starts a node: the embedded database where none is given, the schema, the key, and the
   * interface.
   *
   * @throws io.fileaudit.server.database.EmbeddedDatabaseException where the data directory cannot
   *     be used, as when another node has it
   * @throws IOException where the data directory cannot be written
   */
  public static RunningServer start(ServerSettings settings) throws IOException {
    LogForm.begin(settings.jsonLog());
    Deque<AutoCloseable> behind = new ArrayDeque<>();
    try {
      Path data = settings.database().data();
      PrivateFiles.makeDirectories(data);
      PostgresSettings service = database(settings, behind);
      PostgresAuditStore store =
          PostgresAuditStore.open(
              service
                  .withPoolSize(settings.database().pool())
                  .withOutbox(settings.kafka() != null && settings.kafka().status() != null),
              settings.node(),
              settings.watch().grace());
      behind.push(() -> closeStore(store));
      Path keyFile = settings.adminKeyFile();
      AdminAccess admin =
          keyFile == null
              ? AdminKey.inDataDirectory(data, new SecureRandom())
              : AdminKey.fromFile(keyFile);
      return start(
          new NodeParts(
              settings,
              store,
              store,
              store.lineage(),
              store.feeds(),
              store.reports(),
              store.expectations(),
              store.retention(),
              store.webhooks(),
              new NodeParts.Evidence(
                  store.evidence(), signing(settings, data), new RememberedCheckpoint(data)),
              store.credentials(),
              admin,
              store::poolUse,
              records(settings, store.outbox())),
          behind);
    } catch (IOException | RuntimeException e) {
      closeAll(behind);
      throw e;
    }
  }

  private static LogKeys signing(ServerSettings settings, Path data) throws IOException {
    Path file = settings.signingKeyFile();
    return file == null
        ? SigningKey.inDataDirectory(data, new SecureRandom())
        : SigningKey.fromFile(file);
  }

  /** Of a store that the caller keeps nothing outlives the node. */
  private static LogKeys passingKeys() {
    SecureRandom random = new SecureRandom();
    return new LogKeys(NoteSigner.generate(SigningKey.name(random), random), List.of());
  }

  private static NodeParts.@Nullable Records records(ServerSettings settings, OutboxStore outbox) {
    ServerSettings.Kafka kafka = settings.kafka();
    return kafka == null
        ? null
        : new NodeParts.Records(new ReactorKafkaLog(kafka.client()), outbox);
  }

  /** Starts a node on a store that the caller keeps; for tests. */
  public static <S extends AuditStore & WatchStore> RunningServer start(
      ServerSettings settings,
      S store,
      LineageStore lineage,
      FeedStore feeds,
      ReportStore reports,
      ExpectationStore expectations,
      WebhookStore webhooks,
      EvidenceStore evidence,
      CredentialStore credentials,
      AdminAccess admin) {
    return start(
        settings,
        store,
        lineage,
        feeds,
        reports,
        expectations,
        webhooks,
        evidence,
        credentials,
        admin,
        null);
  }

  /** The same with a log of records. */
  static <S extends AuditStore & WatchStore> RunningServer start(
      ServerSettings settings,
      S store,
      LineageStore lineage,
      FeedStore feeds,
      ReportStore reports,
      ExpectationStore expectations,
      WebhookStore webhooks,
      EvidenceStore evidence,
      CredentialStore credentials,
      AdminAccess admin,
      NodeParts.@Nullable Records records) {
    return start(
        new NodeParts(
            settings,
            store,
            store,
            lineage,
            feeds,
            reports,
            expectations,
            new NoRetention(),
            webhooks,
            new NodeParts.Evidence(evidence, passingKeys(), Notary.Memory.NONE),
            credentials,
            admin,
            () -> null,
            records),
        new ArrayDeque<>());
  }

  private static PostgresSettings database(ServerSettings settings, Deque<AutoCloseable> behind) {
    PostgresSettings given = settings.database().service();
    PostgresSettings owner = settings.database().owner();
    if (given != null && owner != null) {
      Migrations.migrate(owner, given.user());
      Doubts.about(given).forEach(doubt -> log.warn("{}", doubt));
      return given;
    }
    EmbeddedDatabase embedded =
        EmbeddedDatabase.start(new EmbeddedDatabaseOptions(settings.database().data(), 0));
    behind.push(embedded);
    Migrations.migrate(ownerOf(embedded), embedded.serviceUser());
    return PostgresSettings.of(
        embedded.host(),
        embedded.port(),
        embedded.database(),
        embedded.serviceUser(),
        embedded.servicePassword());
  }

  private static PostgresSettings ownerOf(EmbeddedDatabase embedded) {
    return PostgresSettings.of(
        embedded.host(),
        embedded.port(),
        embedded.database(),
        embedded.ownerUser(),
        embedded.ownerPassword());
  }

  /** How the database's owner reaches it; for loads that show something in the same database. */
  public PostgresSettings databaseOwner() {
    for (AutoCloseable part : behind) {
      if (part instanceof EmbeddedDatabase embedded) {
        return ownerOf(embedded);
      }
    }
    PostgresSettings given = context.getBean(NodeParts.class).settings().database().owner();
    return Objects.requireNonNull(given, "a given database has an owner");
  }

  private static RunningServer start(NodeParts parts, Deque<AutoCloseable> behind) {
    ServerSettings settings = parts.settings();
    SpringApplication application = new SpringApplication(NodeAssembly.class);
    // What was checked is what holds: no other variables, system properties or files are read.
    application.setEnvironment(new OwnEnvironment());
    application.setListeners(
        application.getListeners().stream()
            .filter(one -> !(one instanceof EnvironmentPostProcessorApplicationListener))
            .toList());
    application.setWebApplicationType(WebApplicationType.REACTIVE);
    application.setBannerMode(Banner.Mode.OFF);
    application.setRegisterShutdownHook(false);
    application.setLogStartupInfo(false);
    application.addInitializers(
        fresh -> ((GenericApplicationContext) fresh).registerBean(NodeParts.class, () -> parts));
    ConfigurableApplicationContext context = application.run(arguments(settings));
    RunningServer server = new RunningServer(context, behind);
    log.info("node {} serves on {}:{}", settings.node(), settings.http().address(), server.port());
    settings.effective().forEach((name, value) -> log.info("{}={}", name, value));
    return server;
  }

  private static String[] arguments(ServerSettings settings) {
    return properties(settings).entrySet().stream()
        .map(property -> "--" + property.getKey() + "=" + property.getValue())
        .toArray(String[]::new);
  }

  private static Map<String, Object> properties(ServerSettings settings) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("server.address", settings.http().address());
    properties.put("server.port", settings.http().port());
    properties.put("server.shutdown", "graceful");
    // A cursor after the longest file name is part of the first line.
    properties.put("server.netty.max-initial-line-length", "16KB");
    properties.put("spring.lifecycle.timeout-per-shutdown-phase", "10s");
    properties.put("management.server.address", settings.http().managementAddress());
    properties.put("management.server.port", settings.http().managementPort());
    properties.put("management.endpoints.web.exposure.include", "health,prometheus");
    properties.put("management.endpoints.web.discovery.enabled", "false");
    // Of the same name as HttpMeters and with other tags: whichever came second would be dropped.
    properties.put("management.observations.enable.http.server.requests", "false");
    properties.put("management.endpoint.health.probes.enabled", "true");
    properties.put(
        "management.endpoint.health.group.readiness.include", "readinessState,storeHealth");
    properties.put("management.endpoint.health.group.liveness.include", "livenessState");
    properties.put(
        "management.endpoint.health.group.ingest.include",
        settings.kafka() == null ? "storeHealth" : "storeHealth,kafkaHealth");
    properties.put("management.endpoint.health.group.ingest.show-components", "always");
    properties.put("management.endpoint.health.group.detector.include", "detectorHealth");
    properties.put("management.endpoint.health.group.detector.show-components", "always");
    properties.put("management.endpoint.health.group.detector.show-details", "always");
    properties.put("spring.webflux.problemdetails.enabled", "false");
    // It shows requests that cannot be read as they are, with what may be a key in the wrong place.
    properties.put("logging.level.reactor.netty.http.server.HttpServerOperations", "ERROR");
    // A receiver that is not well is in the log of deliveries, not in this one with each try.
    properties.put("logging.level.reactor.netty.http.client.HttpClientConnect", "ERROR");
    // Kafka's clients say much of what is in order, and each second again that brokers are away.
    properties.put("logging.level.org.apache.kafka", "WARN");
    properties.put("logging.level.org.apache.kafka.clients.NetworkClient", "ERROR");
    properties.put("logging.level.reactor.kafka", "WARN");
    properties.put("spring.main.lazy-initialization", "false");
    properties.putAll(TelemetryProperties.of(settings.telemetry(), settings.node()));
    tls(properties, settings.http().tls());
    properties.put("logging.structured.format.console", settings.jsonLog() ? "ecs" : "");
    return properties;
  }

  /** New certificates are taken up from the same files without a new start. */
  private static void tls(Map<String, Object> properties, ServerSettings.@Nullable Tls tls) {
    if (tls == null) {
      return;
    }
    String bundle = "spring.ssl.bundle.pem.audit.";
    properties.put(bundle + "reload-on-update", "true");
    properties.put(bundle + "keystore.certificate", tls.certificate().toUri());
    properties.put(bundle + "keystore.private-key", tls.key().toUri());
    // Else no handshake would succeed, and nobody would be told.
    properties.put(bundle + "keystore.verify-keys", "true");
    properties.put(bundle + "options.enabled-protocols", "TLSv1.3,TLSv1.2");
    properties.put(bundle + "options.ciphers", String.join(",", CIPHERS));
    properties.put("server.ssl.bundle", "audit");
    properties.put("management.server.ssl.bundle", "audit");
    if (tls.clientAuthority() != null) {
      properties.put(bundle + "truststore.certificate", tls.clientAuthority().toUri());
      properties.put("server.ssl.client-auth", "need");
    }
  }

  /** Every call of the interface; for tests that must forget none. */
  List<Route> routes() {
    return context.getBean(NodeAssembly.RouteTable.class).routes();
  }

  /** The meters of this node; for tests that hold what is written about them against them. */
  MeterRegistry meters() {
    return context.getBean(MeterRegistry.class);
  }

  /** Whether the node is made of such a part, too; for tests. */
  boolean has(Class<?> part) {
    return context.getBeanNamesForType(part).length > 0;
  }

  /** A link that opens the page once, with every right. Blocks, so it is for ordinary threads. */
  public String pageLink() {
    Logins.Made link =
        Objects.requireNonNull(
            context
                .getBean(Logins.class)
                .link(context.getBean(NodeParts.class).admin().admin())
                .toFuture()
                .join());
    return address() + Logins.path(link);
  }

  /** The address at which people reach the service. */
  public String address() {
    ServerSettings.Http http = context.getBean(NodeParts.class).settings().http();
    if (http.publicUrl() != null) {
      return http.publicUrl().toString().replaceFirst("/$", "");
    }
    return address(http, http.address(), port());
  }

  /** The address of health and metrics. */
  public String managementAddress() {
    ServerSettings.Http http = context.getBean(NodeParts.class).settings().http();
    return address(http, http.managementAddress(), managementPort());
  }

  private static String address(ServerSettings.Http http, String listening, int port) {
    String host = listening.contains(":") ? "[" + listening + "]" : listening;
    boolean any = host.equals("0.0.0.0") || host.equals("[::]");
    return (http.tls() == null ? "http://" : "https://") + (any ? "127.0.0.1" : host) + ":" + port;
  }

  /** The port of the interface. */
  public int port() {
    return port(context);
  }

  /** The port of health and metrics. */
  public int managementPort() {
    Integer port = context.getEnvironment().getProperty("local.management.port", Integer.class);
    return port == null ? port() : port;
  }

  private static int port(ConfigurableApplicationContext context) {
    var server = ((ReactiveWebServerApplicationContext) context).getWebServer();
    return server == null ? -1 : server.getPort();
  }

  /** Stops: takes nothing more in, finishes what was read, and gives the database back. */
  @Override
  public void close() {
    context.getBean(Closing.class).begin();
    context.close();
    closeAll(behind);
  }

  private static void closeAll(Deque<AutoCloseable> behind) {
    for (AutoCloseable next = behind.poll(); next != null; next = behind.poll()) {
      try {
        next.close();
      } catch (Exception e) {
        log.warn("could not be closed", e);
      }
    }
  }

  private static void closeStore(PostgresAuditStore store) throws InterruptedException {
    java.util.concurrent.CountDownLatch closed = new java.util.concurrent.CountDownLatch(1);
    @Nullable Disposable closing =
        store.close().doFinally(signal -> closed.countDown()).subscribe();
    if (!closed.await(CLOSING.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)) {
      closing.dispose();
    }
  }
}
