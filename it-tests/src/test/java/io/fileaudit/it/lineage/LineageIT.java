package io.fileaudit.it.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.it.kafka.KafkaTraffic;
import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.BrokerProcess;
import io.fileaudit.it.process.ServiceProcess;
import io.openlineage.client.OpenLineage;
import io.openlineage.client.OpenLineage.RunEvent;
import io.openlineage.client.OpenLineage.RunEvent.EventType;
import io.openlineage.client.OpenLineageClient;
import io.openlineage.client.OpenLineageClientException;
import io.openlineage.client.transports.ApiKeyTokenProvider;
import io.openlineage.client.transports.HttpConfig;
import io.openlineage.client.transports.HttpTransport;
import io.openlineage.client.transports.KafkaConfig;
import io.openlineage.client.transports.KafkaTransport;
import io.openlineage.client.transports.Transport;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that OpenLineage's own client reports, over HTTP and over Kafka, come out as batches. */
@Timeout(240)
class LineageIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String EVENTS = "audit.file-events.v1";
  private static final URI PRODUCER = URI.create("https://example.org/loader");
  private static final ZonedDateTime BEGUN = ZonedDateTime.parse("2026-11-01T10:00:00Z");
  private static final OpenLineage OL = new OpenLineage(PRODUCER);

  @TempDir static Path folder;
  private static BrokerProcess broker;
  private static AuditHome home;
  private static ServiceProcess service;
  private static AuditCalls calls;

  @BeforeAll
  static void serve() throws Exception {
    broker = new BrokerProcess(folder.resolve("broker")).start();
    try (KafkaTraffic topics = new KafkaTraffic(broker.servers(), "")) {
      topics.make(EVENTS, 2);
    }
    home = new AuditHome(Files.createDirectories(folder.resolve("home")));
    service = home.serve(Map.of("AUDIT_KAFKA", broker.servers()));
    calls = home.client();
  }

  @AfterAll
  static void end() {
    calls.close();
    home.close();
    broker.close();
  }

  private static OpenLineageClient client(Transport transport) {
    return OpenLineageClient.builder().transport(transport).build();
  }

  private static Transport http(HttpConfig.Compression compression) throws Exception {
    HttpConfig config = new HttpConfig();
    config.setUrl(URI.create(service.url()));
    config.setCompression(compression);
    ApiKeyTokenProvider auth = new ApiKeyTokenProvider();
    auth.setApiKey(home.key());
    config.setAuth(auth);
    return new HttpTransport(config);
  }

  private static Transport kafka() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.servers());
    properties.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    properties.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    return new KafkaTransport(new KafkaConfig(EVENTS, null, properties));
  }

  private static OpenLineage.InputDataset input(String name, Long rows) {
    OpenLineage.InputDatasetInputFacets facets =
        rows == null
            ? null
            : OL.newInputDatasetInputFacetsBuilder()
                .inputStatistics(OL.newInputStatisticsInputDatasetFacet(rows, 10 * rows, 1L))
                .build();
    return OL.newInputDatasetBuilder()
        .namespace("s3://landing")
        .name(name)
        .inputFacets(facets)
        .build();
  }

  private static OpenLineage.OutputDataset output(long rows) {
    return OL.newOutputDatasetBuilder()
        .namespace("postgres://db")
        .name("public.empresa")
        .outputFacets(
            OL.newOutputDatasetOutputFacetsBuilder()
                .outputStatistics(OL.newOutputStatisticsOutputDatasetFacet(rows, 10 * rows, 1L))
                .build())
        .build();
  }

  private static RunEvent event(
      UUID run,
      EventType type,
      int second,
      OpenLineage.RunFacets facets,
      List<OpenLineage.InputDataset> inputs,
      List<OpenLineage.OutputDataset> outputs) {
    return OL.newRunEventBuilder()
        .eventType(type)
        .eventTime(BEGUN.plusSeconds(second))
        .run(OL.newRun(run, facets))
        .job(OL.newJobBuilder().namespace("airflow").name("load_empresa").build())
        .inputs(inputs)
        .outputs(outputs)
        .build();
  }

  private static OpenLineage.RunFacets facets(UUID parent) {
    return OL.newRunFacetsBuilder()
        .nominalTime(
            OL.newNominalTimeRunFacet(
                ZonedDateTime.parse("2025-02-01T00:00:00Z"),
                ZonedDateTime.parse("2025-03-01T00:00:00Z")))
        .parent(
            OL.newParentRunFacetBuilder()
                .run(OL.newParentRunFacetRunBuilder().runId(parent).build())
                .job(OL.newParentRunFacetJobBuilder().namespace("airflow").name("month").build())
                .build())
        .build();
  }

  private static List<RunEvent> story(UUID run, UUID parent, boolean fails) {
    List<RunEvent> story = new ArrayList<>();
    story.add(
        event(
            run,
            EventType.START,
            0,
            facets(parent),
            List.of(input("a.csv", null), input("b.csv", null)),
            List.of()));
    story.add(
        event(
            run,
            EventType.COMPLETE,
            60,
            facets(parent),
            List.of(input("a.csv", 100L)),
            List.of(output(250))));
    story.add(event(run, EventType.OTHER, 30, null, List.of(), List.of()));
    if (fails) {
      story.add(
          event(
              run,
              EventType.FAIL,
              61,
              OL.newRunFacetsBuilder()
                  .errorMessage(OL.newErrorMessageRunFacet("disk full", "JAVA", "at …"))
                  .build(),
              List.of(),
              List.of()));
    }
    return story;
  }

  private static List<List<Integer>> orders(int length) {
    List<List<Integer>> all = List.of(List.of());
    for (int n = 0; n < length; n++) {
      List<List<Integer>> longer = new ArrayList<>();
      for (List<Integer> one : all) {
        for (int place = 0; place <= one.size(); place++) {
          List<Integer> more = new ArrayList<>(one);
          more.add(place, n);
          longer.add(more);
        }
      }
      all = longer;
    }
    return all;
  }

  private static Snapshot snapshot(UUID run) {
    return Objects.requireNonNull(calls.snapshot(run).block(PATIENCE));
  }

  private static List<Manifest> files(UUID run) {
    return Objects.requireNonNull(calls.files(run, FileFilter.all(), null).block(PATIENCE)).items();
  }

  private static List<Object> account(UUID run) {
    Snapshot now = snapshot(run);
    return List.of(
        now.status(),
        now.run(),
        String.valueOf(now.period()),
        String.valueOf(now.table()),
        now.parent() != null,
        now.totals(),
        files(run));
  }

  @ParameterizedTest
  @EnumSource(HttpConfig.Compression.class)
  void runThatIsReportedIsABatch(HttpConfig.Compression compression) throws Exception {
    UUID run = UUID.randomUUID();
    UUID parent = UUID.randomUUID();
    try (OpenLineageClient client = client(http(compression))) {
      for (RunEvent event : story(run, parent, false)) {
        client.emit(event);
      }
    }

    Snapshot now = snapshot(run);
    assertThat(now.status()).isEqualTo(BatchStatus.COMPLETED);
    assertThat(now.table()).isEqualTo("load_empresa");
    assertThat(now.period()).isEqualTo("2025-02");
    assertThat(now.parent()).isEqualTo(parent);
    assertThat(now.totals().files().completed()).isEqualTo(2);
    assertThat(now.totals().rows()).isEqualTo(250);
    assertThat(files(run))
        .extracting(Manifest::file)
        .containsExactly("s3://landing/a.csv", "s3://landing/b.csv");
    assertThat(snapshot(parent).name()).isEqualTo("month");
    assertThat(snapshot(parent).totals().files().completed()).isEqualTo(2);
  }

  @Test
  void everyOrderAndEachTwiceGivesTheSameAccount() throws Exception {
    for (boolean fails : List.of(false, true)) {
      Set<List<Object>> accounts = new HashSet<>();
      int length = story(UUID.randomUUID(), UUID.randomUUID(), fails).size();
      try (OpenLineageClient client = client(http(null))) {
        for (List<Integer> order : orders(length)) {
          UUID run = UUID.randomUUID();
          List<RunEvent> story = story(run, UUID.randomUUID(), fails);
          for (int place : order) {
            client.emit(story.get(place));
            client.emit(story.get(place));
          }
          accounts.add(account(run));
        }
      }

      assertThat(accounts).hasSize(1);
      List<Object> account = accounts.iterator().next();
      assertThat(account.get(0)).isEqualTo(fails ? BatchStatus.FAILED : BatchStatus.COMPLETED);
      @SuppressWarnings("unchecked") // put there above
      List<Manifest> files = (List<Manifest>) account.get(6);
      assertThat(files)
          .extracting(Manifest::state)
          .containsOnly(fails ? FileState.FAILED : FileState.COMPLETED);
    }
  }

  @Test
  void runThatIsReportedOverKafkaIsTheSameBatch() throws Exception {
    UUID byHttp = UUID.randomUUID();
    UUID byKafka = UUID.randomUUID();
    try (OpenLineageClient http = client(http(null));
        OpenLineageClient kafka = client(kafka())) {
      for (RunEvent event : story(byHttp, UUID.randomUUID(), true)) {
        http.emit(event);
      }
      for (RunEvent event : story(byKafka, UUID.randomUUID(), true)) {
        kafka.emit(event);
        kafka.emit(event);
      }
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> snapshot(byKafka).status() == BatchStatus.FAILED);

    assertThat(account(byKafka)).isEqualTo(account(byHttp));
  }

  @Test
  void clientIsToldWhatIsWrong() throws Exception {
    HttpConfig config = new HttpConfig();
    config.setUrl(URI.create(service.url()));
    ApiKeyTokenProvider auth = new ApiKeyTokenProvider();
    auth.setApiKey("ak_nobody-knows-this-key-of-sufficient-length");
    config.setAuth(auth);
    try (OpenLineageClient stranger = client(new HttpTransport(config));
        OpenLineageClient known = client(http(null))) {
      RunEvent event = story(UUID.randomUUID(), UUID.randomUUID(), false).get(0);
      RunEvent ahead =
          OL.newRunEventBuilder()
              .eventType(EventType.START)
              .eventTime(ZonedDateTime.now().plusDays(2))
              .run(event.getRun())
              .job(event.getJob())
              .build();

      assertThatThrownBy(() -> stranger.emit(event))
          .isInstanceOf(OpenLineageClientException.class)
          .hasMessageContaining("401");
      assertThatThrownBy(() -> known.emit(ahead))
          .isInstanceOf(OpenLineageClientException.class)
          .hasMessageContaining("422")
          .hasMessageContaining("eventTime");
    }
  }
}
