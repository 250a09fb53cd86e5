package io.fileaudit.server;

import io.fileaudit.api.batch.BatchIds;
import io.fileaudit.core.evidence.Bundles;
import io.fileaudit.core.evidence.Notary;
import io.fileaudit.core.hook.HookChores;
import io.fileaudit.core.hook.HookEvents;
import io.fileaudit.core.hook.HookSender;
import io.fileaudit.core.ingest.CommitWriter;
import io.fileaudit.core.ingest.Ingest;
import io.fileaudit.core.ingest.RecordIngest;
import io.fileaudit.core.ingest.Replay;
import io.fileaudit.core.ingest.WriteMeters;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.life.Runs;
import io.fileaudit.core.live.Feeds;
import io.fileaudit.core.record.Intake;
import io.fileaudit.core.record.StatusEvents;
import io.fileaudit.core.record.StatusSender;
import io.fileaudit.core.store.AuditStore;
import io.fileaudit.core.store.OutboxStore;
import io.fileaudit.core.watch.HeartbeatWriter;
import io.fileaudit.core.watch.LiveBatches;
import io.fileaudit.core.watch.Verdicts;
import io.fileaudit.server.access.Access;
import io.fileaudit.server.access.Accesses;
import io.fileaudit.server.access.JwtAccess;
import io.fileaudit.server.access.JwtSettings;
import io.fileaudit.server.access.KeyLimits;
import io.fileaudit.server.access.KeyRing;
import io.fileaudit.server.access.Keys;
import io.fileaudit.server.access.Logins;
import io.fileaudit.server.access.RefusalLog;
import io.fileaudit.server.batch.BatchCalls;
import io.fileaudit.server.batch.BatchListCalls;
import io.fileaudit.server.batch.LifeCalls;
import io.fileaudit.server.evidence.EvidenceCalls;
import io.fileaudit.server.expectation.ExpectationCalls;
import io.fileaudit.server.expectation.Expecting;
import io.fileaudit.server.feed.FeedCalls;
import io.fileaudit.server.file.FileCalls;
import io.fileaudit.server.health.Detector;
import io.fileaudit.server.health.DetectorHealth;
import io.fileaudit.server.health.HealthCalls;
import io.fileaudit.server.health.KafkaHealth;
import io.fileaudit.server.health.NodeFigures;
import io.fileaudit.server.health.OpenBatches;
import io.fileaudit.server.health.PoolMeters;
import io.fileaudit.server.health.StoreHealth;
import io.fileaudit.server.hook.HookWay;
import io.fileaudit.server.hook.WebhookCalls;
import io.fileaudit.server.http.AccessFilter;
import io.fileaudit.server.http.BareRefusals;
import io.fileaudit.server.http.Closing;
import io.fileaudit.server.http.Connections;
import io.fileaudit.server.http.GuardFilter;
import io.fileaudit.server.http.HeadCheck;
import io.fileaudit.server.http.HeadDeadline;
import io.fileaudit.server.http.HttpMeters;
import io.fileaudit.server.http.LostConnections;
import io.fileaudit.server.http.Polling;
import io.fileaudit.server.http.ProblemPages;
import io.fileaudit.server.http.Problems;
import io.fileaudit.server.http.Route;
import io.fileaudit.server.http.Router;
import io.fileaudit.server.http.SessionCookie;
import io.fileaudit.server.ingest.EventCalls;
import io.fileaudit.server.ingest.LineageCalls;
import io.fileaudit.server.ingest.RejectedCalls;
import io.fileaudit.server.key.KeyCalls;
import io.fileaudit.server.ledger.LedgerCalls;
import io.fileaudit.server.page.LoginCalls;
import io.fileaudit.server.page.PageCalls;
import io.fileaudit.server.page.PageFiles;
import io.fileaudit.server.report.ReportCalls;
import io.fileaudit.server.retention.PurgedBatches;
import io.fileaudit.server.retention.Purging;
import io.fileaudit.server.trace.RequestSpans;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.server.PathContainer;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.WebFilter;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.scheduler.Schedulers;

/** Puts a node together: what it is made of stands here and nowhere else. */
@SpringBootConfiguration(proxyBeanMethods = false)
@ImportAutoConfiguration
class NodeAssembly {
  private static final Logger log = LoggerFactory.getLogger(NodeAssembly.class);

  /** The pause between two looks for tables that are overdue. */
  private static final Duration EXPECTING = Duration.ofSeconds(1);

  /** The pause between two looks for what is older than it has to be kept. */
  private static final Duration PURGING = Duration.ofSeconds(10);

  /** How long the network's threads have to end. */
  private static final Duration NETWORK_END = Duration.ofSeconds(5);

  /** The pause between two looks whether the log has grown: what changed is signed within 10 s. */
  private static final Duration SIGNING = Duration.ofSeconds(5);

  /** How long heartbeats are gathered, see ADR 6. */
  private static final Duration HEARTBEATS = Duration.ofMillis(50);

  @Bean
  BatchIds ids() {
    SecureRandom random = new SecureRandom();
    return new BatchIds(Clock.systemUTC(), random::nextLong);
  }

  @Bean
  Verdicts verdicts() {
    return new Verdicts();
  }

  @Bean
  Batches batches(NodeParts parts, Verdicts verdicts) {
    return new Batches(parts.store(), parts.settings().limits(), parts.settings().node(), verdicts);
  }

  @Bean
  CommitWriter commitWriter(NodeParts parts, MeterRegistry registry) {
    return new CommitWriter(parts.store(), parts.settings().write(), new WriteMeters(registry));
  }

  @Bean
  Ingest ingest(Batches batches, CommitWriter writer, BatchIds ids) {
    return new Ingest(batches, writer, ids);
  }

  @Bean
  Runs runs(NodeParts parts, BatchIds ids, Verdicts verdicts) {
    return new Runs(
        parts.lineage(), parts.settings().limits(), parts.settings().node(), ids, verdicts);
  }

  @Bean
  HeartbeatWriter heartbeatWriter(NodeParts parts) {
    return new HeartbeatWriter(parts.watch(), HEARTBEATS, Schedulers.parallel());
  }

  @Bean
  LiveBatches liveBatches(NodeParts parts, Verdicts verdicts) {
    return new LiveBatches(parts.watch(), verdicts, parts.settings().node(), Schedulers.parallel());
  }

  @Bean
  Watching watching(NodeParts parts, Verdicts verdicts, MeterRegistry registry) {
    return new Watching(
        parts.watch(),
        parts.settings().node(),
        parts.settings().watch().sweep(),
        verdicts,
        registry);
  }

  @Bean
  Detector detector(NodeParts parts, Watching watching, MeterRegistry registry) {
    long startedAt = registry.config().clock().wallTime();
    return new Detector(
        watching::sweepAgeSeconds,
        parts.settings().watch().sweep(),
        () -> (registry.config().clock().wallTime() - startedAt) / 1e3);
  }

  @Bean
  DetectorHealth detectorHealth(Detector detector) {
    return new DetectorHealth(detector);
  }

  @Bean
  Running countingOpen(NodeParts parts, MeterRegistry registry) {
    PoolMeters.register(registry, parts.pool());
    return new Running(
        new OpenBatches(
                parts.watch(),
                Schedulers.parallel(),
                registry,
                error -> log.debug("open batches could not be counted", error))
            ::start);
  }

  @Bean
  Running expecting(NodeParts parts, MeterRegistry registry) {
    return new Running(
        new Expecting(parts.expectations(), EXPECTING, Schedulers.parallel(), registry)::start);
  }

  @Bean
  Running purging(NodeParts parts, MeterRegistry registry) {
    return new Running(
        new Purging(
                parts.retention(),
                parts.settings().retention(),
                PURGING,
                Schedulers.parallel(),
                registry)
            ::start);
  }

  @Bean
  Feeds feeds(NodeParts parts, MeterRegistry registry) {
    Feeds feeds =
        new Feeds(
            parts.feeds(),
            parts.store(),
            parts.reports(),
            Schedulers.parallel(),
            error -> log.debug("feeds could not look at the store", error));
    gauge(registry, "batch", feeds::ofBatches);
    gauge(registry, "many", feeds::ofMany);
    gauge(registry, "ledger", feeds::ofLedgers);
    FunctionCounter.builder("audit.feeds.dropped", feeds, Feeds::passedOver)
        .description("Snapshots that feeds of this node left out because a newer one came first")
        .register(registry);
    return feeds;
  }

  /** Nothing where the node uses no Kafka. */
  @Bean
  @Nullable RecordTraffic recordTraffic(
      NodeParts parts, Ingest ingest, Runs runs, MeterRegistry registry) {
    ServerSettings.Kafka kafka = parts.settings().kafka();
    NodeParts.Records records = parts.records();
    if (kafka == null || records == null) {
      return null;
    }
    RecordIngest sorting =
        new RecordIngest(
            ingest,
            runs,
            parts.settings().write().chunkSize(),
            error -> log.warn("records could not be committed, they are tried again", error));
    Intake intake =
        new Intake(
            records.log(),
            sorting,
            kafka.intake(),
            Schedulers.parallel(),
            registry,
            error -> log.warn("records could not be taken in, it is tried again", error));
    return new RecordTraffic(records.log(), intake, sender(parts, records, kafka, registry));
  }

  private static @Nullable StatusSender sender(
      NodeParts parts,
      NodeParts.Records records,
      ServerSettings.Kafka kafka,
      MeterRegistry registry) {
    OutboxStore outbox = records.outbox();
    String topic = kafka.status();
    URI address = parts.settings().http().publicUrl();
    return outbox == null || topic == null
        ? null
        : new StatusSender(
            outbox,
            records.log(),
            topic,
            new StatusEvents(address == null ? null : address.toString()),
            Schedulers.parallel(),
            registry,
            error ->
                log.warn("changes of status could not be sent, they wait: {}", error.toString()));
  }

  @Bean
  HookWay hookWay(NodeParts parts, ReactorResourceFactory networkThreads) {
    return HookWay.of(parts.settings().webhooks(), networkThreads.getLoopResources());
  }

  @Bean
  HookSender hookSender(NodeParts parts, HookWay way, MeterRegistry registry) {
    URI address = parts.settings().http().publicUrl();
    return new HookSender(
        parts.webhooks(),
        way.receiver(),
        new HookEvents(address == null ? null : address.toString()),
        Schedulers.parallel(),
        registry,
        () -> ThreadLocalRandom.current().nextDouble(),
        error -> log.warn("webhooks could not be told, it is tried again", error));
  }

  @Bean
  HookTraffic hookTraffic(NodeParts parts, HookSender sender, MeterRegistry registry) {
    return new HookTraffic(
        sender,
        new HookChores(
            parts.webhooks(),
            Schedulers.parallel(),
            registry,
            error -> log.debug("flags and old deliveries could not be looked at", error)));
  }

  private static void gauge(MeterRegistry registry, String kind, Supplier<Number> open) {
    Gauge.builder("audit.feeds", open)
        .description("Feeds that are open on this node, by what they are about")
        .tag("of", kind)
        .register(registry);
  }

  @Bean
  Running feeding(Feeds feeds) {
    return new Running(feeds::start);
  }

  /**
   * Of this registry, whatever others there are: those that are sent know no figures of a moment.
   */
  @Bean
  NodeFigures nodeFigures(PrometheusMeterRegistry registry) {
    return new NodeFigures(registry, Schedulers.parallel());
  }

  @Bean
  Running figuring(NodeFigures figures) {
    return new Running(figures::start);
  }

  @Bean
  HealthCalls healthCalls(
      NodeParts parts,
      Feeds feeds,
      NodeFigures figures,
      Detector detector,
      @Nullable RecordTraffic traffic,
      PrometheusMeterRegistry registry) {
    return new HealthCalls(
        new HealthCalls.Parts(
            parts.settings().node(),
            Instant.ofEpochMilli(registry.config().clock().wallTime()),
            parts.feeds(),
            feeds,
            figures,
            parts.pool(),
            detector,
            () -> traffic == null ? null : traffic.figures(),
            registry));
  }

  @Bean
  Notary notary(NodeParts parts, MeterRegistry registry) {
    NodeParts.Evidence evidence = parts.evidence();
    return new Notary(
        evidence.store(),
        evidence.keys(),
        evidence.memory(),
        Schedulers.boundedElastic(),
        registry,
        new Troubles(
            "the log was not signed, it is tried again",
            error -> error instanceof Notary.MismatchException));
  }

  @Bean
  Running signing(Notary notary) {
    return new Running(() -> notary.start(SIGNING, Schedulers.parallel()));
  }

  @Bean
  Closing closing() {
    return new Closing();
  }

  @Bean
  KeyRing keyRing(NodeParts parts) {
    return new KeyRing(parts.credentials(), parts.admin().admin(), Schedulers.parallel());
  }

  @Bean
  Running keyReading(KeyRing ring) {
    return new Running(() -> ring.start(error -> log.debug("keys could not be read", error)));
  }

  @Bean
  Access access(NodeParts parts, KeyRing ring, RefusalLog refusals) {
    JwtSettings jwt = parts.settings().entry().jwt();
    return new Accesses(
        parts.admin(),
        ring,
        jwt == null ? null : JwtAccess.of(jwt, refusals, Schedulers.parallel()));
  }

  @Bean
  Logins logins(NodeParts parts, Access access, KeyRing ring, BatchIds ids) {
    return new Logins(access, parts.credentials(), ring, ids, new SecureRandom());
  }

  @Bean
  Keys keys(NodeParts parts, KeyRing ring, BatchIds ids) {
    return new Keys(parts.credentials(), ring, ids, new SecureRandom());
  }

  @Bean
  SessionCookie sessionCookie(NodeParts parts) {
    return new SessionCookie(parts.settings().http().isSecure());
  }

  @Bean
  RefusalLog refusalLog(MeterRegistry registry) {
    return new RefusalLog(registry, System::nanoTime);
  }

  @Bean
  List<Route> accessRoutes(Keys keys, Logins logins, SessionCookie cookie, RefusalLog refusals) {
    return Stream.of(
            new KeyCalls(keys, logins).routes(),
            new LoginCalls(logins, cookie, refusals).routes(),
            new PageCalls().routes(),
            new PageFiles().routes(),
            ProblemPages.routes())
        .flatMap(List::stream)
        .toList();
  }

  @Bean
  RouteTable routeTable(
      NodeParts parts,
      List<Route> accessRoutes,
      Batches batches,
      Ingest ingest,
      Runs runs,
      CommitWriter writer,
      HeartbeatWriter heartbeats,
      LiveBatches live,
      Feeds feeds,
      HealthCalls health,
      HookSender sender,
      HookWay way,
      Notary notary,
      Closing closing,
      BatchIds ids) {
    AuditStore store = parts.store();
    Polling polling = new Polling(closing, Schedulers.parallel());
    return new RouteTable(
        Stream.of(
                new BatchCalls(batches, ids, parts.reports(), polling).routes(),
                new LifeCalls(batches, heartbeats).routes(),
                new BatchListCalls(store).routes(),
                new EventCalls(ingest, batches, live, closing).routes(),
                new LineageCalls(runs, Schedulers.parallel()).routes(),
                new RejectedCalls(batches, store, new Replay(store, writer, ids)).routes(),
                new FileCalls(batches, store).routes(),
                new LedgerCalls(batches, store, feeds, closing).routes(),
                new FeedCalls(feeds, closing).routes(),
                new EvidenceCalls(
                        new Bundles(store, parts.evidence().store(), notary),
                        parts.evidence().store(),
                        notary,
                        Schedulers.boundedElastic())
                    .routes(),
                health.routes(),
                new ExpectationCalls(parts.expectations()).routes(),
                new WebhookCalls(parts.webhooks(), sender, way, new SecureRandom()).routes(),
                new ReportCalls(batches, parts.reports(), parts.expectations(), polling).routes(),
                accessRoutes)
            .flatMap(List::stream)
            .map(new PurgedBatches(parts.retention())::around)
            .toList());
  }

  /** Every call of the interface, for the router and for tests that must forget none. */
  record RouteTable(List<Route> routes) {
    /** Paths whose every call is open to everybody. */
    Predicate<PathContainer> open() {
      Map<String, Boolean> open =
          routes.stream()
              .collect(Collectors.toMap(Route::pattern, Route::isOpen, Boolean::logicalAnd));
      List<PathPattern> patterns =
          open.keySet().stream()
              .filter(pattern -> Boolean.TRUE.equals(open.get(pattern)))
              .map(PathPatternParser.defaultInstance::parse)
              .toList();
      return path -> patterns.stream().anyMatch(pattern -> pattern.matches(path));
    }
  }

  @Bean
  RouterFunction<ServerResponse> router(
      RouteTable table, RefusalLog refusals, ApplicationContext context) {
    return OfInterface.only(context, Router.of(table.routes(), refusals));
  }

  /** Threads of this node's own: another node of the same process ends with its own alone. */
  @Bean
  ReactorResourceFactory networkThreads() {
    ReactorResourceFactory threads = new ReactorResourceFactory();
    threads.setUseGlobalResources(false);
    threads.setShutdownQuietPeriod(Duration.ZERO);
    threads.setShutdownTimeout(NETWORK_END);
    return threads;
  }

  @Bean
  NettyServerCustomizer connections(MeterRegistry registry) {
    Connections counted = new Connections(registry);
    return server ->
        BareRefusals.explainedBy(
            HeadDeadline.of(HeadCheck.of(LostConnections.of(counted.of(server)))));
  }

  /** Around all others, so that what they do is part of the request's span. */
  @Bean
  @Order(0)
  WebFilter requestSpans(
      ObjectProvider<Tracer> tracer,
      ObjectProvider<Propagator> propagator,
      ApplicationContext context) {
    Tracer traces = tracer.getIfAvailable();
    Propagator propagates = propagator.getIfAvailable();
    return traces == null || propagates == null
        ? RequestSpans.none()
        : OfInterface.only(context, new RequestSpans(traces, propagates));
  }

  @Bean
  @Order(1)
  WebFilter httpMeters(MeterRegistry registry, ApplicationContext context) {
    return OfInterface.only(context, new HttpMeters(registry));
  }

  @Bean
  @Order(2)
  WebFilter problems(BatchIds ids, ApplicationContext context) {
    return OfInterface.only(context, new Problems(ids));
  }

  @Bean
  @Order(3)
  WebFilter guardFilter(NodeParts parts, Closing closing, ApplicationContext context) {
    return OfInterface.only(context, new GuardFilter(closing, parts.settings().http().isSecure()));
  }

  @Bean
  @Order(4)
  WebFilter accessFilter(
      NodeParts parts,
      Access access,
      SessionCookie cookie,
      RouteTable table,
      RefusalLog refusals,
      ApplicationContext context) {
    ServerSettings.Entry entry = parts.settings().entry();
    KeyLimits limits =
        new KeyLimits(entry.requestsPerSecond(), entry.requestsAtATime(), System::nanoTime);
    return OfInterface.only(
        context, new AccessFilter(access, limits, cookie, table.open(), refusals));
  }

  @Bean
  StoreHealth storeHealth(NodeParts parts) {
    return new StoreHealth(parts.store());
  }

  /** Nothing where the node uses no Kafka. */
  @Bean
  @Nullable KafkaHealth kafkaHealth(@Nullable RecordTraffic traffic) {
    return traffic == null ? null : new KafkaHealth(traffic::figures);
  }
}
