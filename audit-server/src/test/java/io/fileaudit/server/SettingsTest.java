package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.batch.Limit;
import io.fileaudit.core.store.RetentionStore;
import io.fileaudit.server.access.JwtSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node makes of its environment. */
class SettingsTest {
  private static ServerSettings read(String... environment) {
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < environment.length; i += 2) {
      variables.put(environment[i], environment[i + 1]);
    }
    return ServerSettings.read(variables);
  }

  @Test
  void emptyEnvironmentGivesTheDocumentedDefaults() {
    ServerSettings settings = read();

    assertThat(settings.http().address()).isEqualTo("127.0.0.1");
    assertThat(settings.http().port()).isEqualTo(8080);
    assertThat(settings.http().managementPort()).isEqualTo(8081);
    assertThat(settings.limits().operation()).isEqualTo(Limit.endAfter(Duration.ofHours(1)));
    assertThat(settings.limits().idle()).isEqualTo(Limit.endAfter(Duration.ofMinutes(30)));
    assertThat(settings.limits().start()).isEqualTo(Limit.endAfter(Duration.ofMinutes(30)));
    assertThat(settings.limits().progress()).isEqualTo(Limit.flagAfter(Duration.ofMinutes(30)));
    assertThat(settings.watch().sweep()).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.watch().grace()).isEqualTo(Duration.ofSeconds(10));
    assertThat(settings.write().concurrency()).isEqualTo(3);
    assertThat(settings.write().chunkSize()).isEqualTo(4_000);
    assertThat(settings.database().service()).isNull();
    assertThat(settings.database().data())
        .isEqualTo(Path.of(System.getProperty("user.home"), ".audit").toAbsolutePath());
    assertThat(settings.adminKeyFile()).isNull();
    assertThat(settings.jsonLog()).isFalse();
  }

  @Test
  void blankVariableIsAsGoodAsNone() {
    assertThat(read("AUDIT_PORT", " ", "AUDIT_MAX_IDLE", "").http().port()).isEqualTo(8080);
  }

  @Test
  void everyNodeHasANameOfItsOwn() {
    assertThat(read("HOSTNAME", "host").node()).startsWith("host-");
    assertThat(read().node()).isNotEqualTo(read().node());
    assertThat(read("AUDIT_NODE", "one").node()).isEqualTo("one");
    ServerSettings named = read();
    assertThat(named.effective()).containsEntry("AUDIT_NODE", named.node());
  }

  @Test
  void limitsAreReadAsDurationsOrOff() {
    ServerSettings settings =
        read(
            "AUDIT_MAX_IDLE",
            "PT5M",
            "AUDIT_START_TIMEOUT",
            "off",
            "AUDIT_MAX_NO_PROGRESS",
            "PT1M");

    assertThat(settings.limits().idle()).isEqualTo(Limit.endAfter(Duration.ofMinutes(5)));
    assertThat(settings.limits().start()).isEqualTo(Limit.off());
    assertThat(settings.limits().progress()).isEqualTo(Limit.flagAfter(Duration.ofMinutes(1)));
  }

  @Test
  void allThatIsWrongIsToldTogether() {
    assertThatThrownBy(
            () ->
                read(
                    "AUDIT_PORT", "80800",
                    "AUDIT_LOG", "xml",
                    "AUDIT_MAX_IDLE", "half an hour",
                    "AUDIT_WRITE_CHUNK_SIZE", "0",
                    "AUDIT_WATCHDOG_INTERVAL", "PT0S",
                    "AUDIT_DB", "mysql://x:secret@h/d",
                    "AUDIT_PROT", "1"))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("AUDIT_PORT is \"80800\", expected an integer from 0 to 65535")
        .hasMessageContaining("AUDIT_LOG is \"xml\", expected text or json")
        .hasMessageContaining("AUDIT_MAX_IDLE is \"half an hour\", expected an ISO 8601")
        .hasMessageContaining("AUDIT_WRITE_CHUNK_SIZE is \"0\"")
        .hasMessageContaining("AUDIT_WATCHDOG_INTERVAL is \"PT0S\"")
        .hasMessageContaining("AUDIT_DB: a database URL begins with postgresql://")
        .hasMessageContaining("AUDIT_PROT is no setting")
        .hasMessageNotContaining("secret")
        .extracting(error -> String.valueOf(error.getMessage()).lines().count())
        .isEqualTo(7L);
    assertThatThrownBy(() -> read("AUDIT_DB", "nonsense"))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("AUDIT_DB: a database URL begins with postgresql://")
        .hasMessageNotContaining("null");
  }

  @Test
  void everySettingThatIsWrongIsToldWithAllTheOthers() {
    Map<String, String> wrong = new TreeMap<>();
    for (Setting setting : Setting.values()) {
      // Those that are wrong for their own sake, not for what is missing beside them.
      if (problems(Map.of(setting.name(), "?")).contains(setting + " is \"?\"")) {
        wrong.put(setting.name(), "?");
      }
    }
    assertThat(wrong).hasSizeGreaterThan(20);

    String told = problems(wrong);

    assertThat(wrong.keySet()).allSatisfy(name -> assertThat(told).contains(name + " is \"?\""));
  }

  private static String problems(Map<String, String> environment) {
    try {
      ServerSettings.read(environment);
      return "";
    } catch (InvalidSettings e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void telemetryIsSentWhereACollectorIsNamed() {
    assertThat(read().telemetry()).isNull();
    assertThat(read("AUDIT_OTLP_TRACES", "0.1").telemetry()).isNull();

    ServerSettings.Telemetry telemetry =
        read(
                "AUDIT_OTLP_ENDPOINT",
                "http://collector:4318/",
                "AUDIT_OTLP_TRACES",
                "0.25",
                "AUDIT_OTLP_METRICS",
                "off")
            .telemetry();

    assertThat(telemetry).isNotNull();
    assertThat(telemetry.address("/v1/traces")).isEqualTo("http://collector:4318/v1/traces");
    assertThat(telemetry.traces()).isEqualTo(0.25);
    assertThat(telemetry.metrics()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "AUDIT_OTLP_ENDPOINT,collector:4318",
    "AUDIT_OTLP_ENDPOINT,http://user:secret@collector:4318",
    "AUDIT_OTLP_ENDPOINT,http://collector:4318?key=x",
    "AUDIT_OTLP_TRACES,1.5",
    "AUDIT_OTLP_TRACES,NaN",
    "AUDIT_OTLP_METRICS,PT0.1S",
  })
  void telemetryThatCannotBeSentIsRefused(String name, String value) {
    assertThat(problems(Map.of(name, value))).contains(name).doesNotContain("secret");
  }

  @Test
  void misspeltVariableIsRefusedAndOthersOfTheEnvironmentAreNot() {
    assertThatThrownBy(() -> read("AUDIT_MAX_IDEL", "PT1M"))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("AUDIT_MAX_IDEL is no setting");
    assertThatThrownBy(() -> read("AUDIT_TEST_MAX_IDLE", "PT1M"))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("AUDIT_TEST_MAX_IDLE is no setting");
    assertThatCode(() -> read("PATH", "/bin", "AUDIT_URL", "http://x", "AUDIT_KEY", "ak_x"))
        .doesNotThrowAnyException();
  }

  @Test
  void secretsAreMasked() {
    ServerSettings settings =
        read(
            "AUDIT_DB", "postgresql://app:s3cret@db:5432/audit",
            "AUDIT_DB_OWNER", "postgresql://owner:t0psecret@db:5432/audit");

    assertThat(settings.effective()).containsEntry("AUDIT_DB", "***");
    assertThat(settings.effective()).containsEntry("AUDIT_DB_OWNER", "***");
    assertThat(settings.toString()).doesNotContain("s3cret").doesNotContain("t0psecret");
    assertThat(settings.database().service()).isNotNull();
    assertThat(settings.database().service().password()).isEqualTo("s3cret");
  }

  @Test
  void kafkaIsUsedWhereBrokersAreNamed() {
    assertThat(read().kafka()).isNull();

    assertThat(read("AUDIT_KAFKA", "[::1]:9092,10.0.0.1:9092").kafka()).isNotNull();
    ServerSettings.Kafka kafka = read("AUDIT_KAFKA", "one:9092, two:9092").kafka();

    assertThat(kafka.client().bootstrapServers()).isEqualTo("one:9092, two:9092");
    assertThat(kafka.client().group()).isEqualTo("audit");
    assertThat(kafka.client().topic()).isEqualTo("audit.file-events.v1");
    assertThat(kafka.client().mostOfOnePoll()).isEqualTo(12_000);
    assertThat(kafka.intake().deadLetterTopic()).isEqualTo("audit.file-events.dlq.v1");
    assertThat(kafka.intake().stall()).isEqualTo(Duration.ofMinutes(1));
    assertThat(kafka.status()).isEqualTo("audit.batch-status.v1");
    assertThat(read("AUDIT_KAFKA", "one:9092", "AUDIT_KAFKA_STATUS", "off").kafka().status())
        .isNull();
  }

  @Test
  void whatIsWrongWithKafkaIsToldTogether(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("client.properties"), "group.id=x\nacsk=1\n");

    assertThatThrownBy(
            () ->
                read(
                    "AUDIT_KAFKA", "one",
                    "AUDIT_KAFKA_EVENTS", "no topic",
                    "AUDIT_KAFKA_DEAD_LETTERS", "audit.batch-status.v1",
                    "AUDIT_KAFKA_STALL", "PT1S",
                    "AUDIT_KAFKA_PROPERTIES", file.toString()))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("AUDIT_KAFKA is \"one\", expected host:port")
        .hasMessageContaining("AUDIT_KAFKA_EVENTS is \"no topic\", expected the name of a topic")
        .hasMessageContaining("expected three topics")
        .hasMessageContaining("AUDIT_KAFKA_STALL is \"PT1S\"")
        .hasMessageContaining("group.id")
        .hasMessageContaining("acsk");
  }

  @Test
  void secretsOfKafkasClientsAreNotShown(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("client.properties"), "sasl.jaas.config=x password=\"s3cret\";\n");

    ServerSettings settings =
        read("AUDIT_KAFKA", "one:9092", "AUDIT_KAFKA_PROPERTIES", file.toString());

    assertThat(settings.kafka().client().properties()).containsKey("sasl.jaas.config");
    assertThat(settings.toString()).doesNotContain("s3cret");
    assertThat(settings.effective().toString()).doesNotContain("s3cret");
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void everySettingIsAmongTheEffectiveOnes(Setting setting) {
    Map<String, String> effective = read().effective();

    assertThat(effective).containsKey(setting.name());
    if (setting != Setting.AUDIT_NODE) {
      assertThat(effective).containsEntry(setting.name(), setting.standard());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1"})
  void addressThatOthersReachNeedsAnExplicitWord(String address) {
    assertThatThrownBy(() -> read("AUDIT_ADDRESS", address))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("AUDIT_ADDRESS is " + address)
        .hasMessageContaining("AUDIT_ALLOW_INSECURE=true");
    assertThat(read("AUDIT_ADDRESS", address, "AUDIT_ALLOW_INSECURE", "true").http().address())
        .isEqualTo(address);
  }

  @Test
  void healthAndMetricsAreOnLoopbackWhateverTheInterfaceListensOn() {
    ServerSettings.Http http =
        read("AUDIT_ADDRESS", "0.0.0.0", "AUDIT_ALLOW_INSECURE", "true").http();
    assertThat(http.managementAddress()).isEqualTo("127.0.0.1");
    assertThatThrownBy(() -> read("AUDIT_MANAGEMENT_ADDRESS", "0.0.0.0"))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("AUDIT_MANAGEMENT_ADDRESS is 0.0.0.0");
  }

  @Test
  void tlsLetsOthersReachTheService(@TempDir Path files) throws IOException {
    String file = Files.writeString(files.resolve("a.pem"), "x").toString();

    ServerSettings.Http http =
        read("AUDIT_ADDRESS", "0.0.0.0", "AUDIT_TLS_CERT", file, "AUDIT_TLS_KEY", file).http();

    assertThat(http.tls()).isEqualTo(new ServerSettings.Tls(Path.of(file), Path.of(file), null));
    assertThat(http.isSecure()).isTrue();
    for (String alone : List.of("AUDIT_TLS_CERT", "AUDIT_TLS_KEY", "AUDIT_TLS_CLIENT_CA")) {
      assertThatThrownBy(() -> read(alone, file))
          .isInstanceOf(InvalidSettings.class)
          .hasMessageContaining("AUDIT_TLS_CERT and AUDIT_TLS_KEY are set both");
    }
    assertThatThrownBy(() -> read("AUDIT_TLS_CERT", file + "x", "AUDIT_TLS_KEY", file))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("AUDIT_TLS_CERT is " + file + "x, expected a file");
  }

  @Test
  void issuerOfJwtsIsNamedWholeOrNotAtAll(@TempDir Path files) throws IOException {
    String file = Files.writeString(files.resolve("keys.json"), "{}").toString();
    String[] issuer = {
      "AUDIT_JWT_ISSUER",
      "https://issuer.example",
      "AUDIT_JWT_AUDIENCE",
      "audit",
      "AUDIT_JWT_KEYS",
      file
    };

    JwtSettings jwt = read(issuer).entry().jwt();

    assertThat(jwt.keys()).isEqualTo(Path.of(file).toUri());
    assertThat(jwt.algorithm()).isEqualTo("RS256");
    assertThat(read().entry().jwt()).isNull();
    assertThatThrownBy(() -> read("AUDIT_JWT_ISSUER", "https://issuer.example"))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("AUDIT_JWT_AUDIENCE");
    for (String source : List.of("http://issuer.example/keys", "ftp://x/y", file + "x")) {
      issuer[5] = source;
      assertThatThrownBy(() -> read(issuer))
          .isInstanceOf(InvalidSettings.class)
          .hasMessageContaining("AUDIT_JWT_KEYS is");
    }
    for (String source : List.of("https://issuer.example/keys", "http://127.0.0.1:9/keys")) {
      issuer[5] = source;
      assertThat(read(issuer).entry().jwt().keys()).hasToString(source);
    }
    for (String algorithm : List.of("none", "HS256", "rs256", "RS1")) {
      assertThatThrownBy(() -> read("AUDIT_JWT_ALGORITHM", algorithm))
          .isInstanceOf(InvalidSettings.class)
          .hasMessageContaining("AUDIT_JWT_ALGORITHM is \"" + algorithm);
    }
  }

  @Test
  void agesAreReadForAllAndForSingleNamespaces() {
    RetentionStore.Ages ages =
        read("AUDIT_RETENTION", "P365D", "AUDIT_RETENTION_NAMESPACES", "sales=P30D, hr=off")
            .retention();

    assertThat(ages.standard()).isEqualTo(Duration.ofDays(365));
    assertThat(ages.byNamespace()).isEqualTo(Map.of("sales", Duration.ofDays(30)));
    assertThat(ages.forever()).containsExactly("hr");
    assertThat(read().retention().isNever()).isTrue();
    for (String bad : List.of("1y", "PT0S", "-P1D", "P9999999D")) {
      assertThatThrownBy(() -> read("AUDIT_RETENTION", bad))
          .isInstanceOf(InvalidSettings.class)
          .hasMessageContaining("AUDIT_RETENTION has \"" + bad);
    }
    for (String bad : List.of("sales", "Sales=P1D", "sales=soon")) {
      assertThatThrownBy(() -> read("AUDIT_RETENTION_NAMESPACES", bad))
          .isInstanceOf(InvalidSettings.class)
          .hasMessageContaining("AUDIT_RETENTION_NAMESPACES has");
    }
  }

  @Test
  void addressForPeopleIsAnAddress() {
    assertThat(read("AUDIT_PUBLIC_URL", "https://audit.example/x").http().publicUrl())
        .hasToString("https://audit.example/x");
    for (String bad : List.of("audit.example", "ftp://a", "https://u:p@a", "https://a?x=1")) {
      assertThatThrownBy(() -> read("AUDIT_PUBLIC_URL", bad))
          .isInstanceOf(InvalidSettings.class)
          .hasMessageContaining("AUDIT_PUBLIC_URL");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.9", "::1", "localhost"})
  void loopbackNeedsNone(String address) {
    assertThat(read("AUDIT_ADDRESS", address).http().address()).isEqualTo(address);
  }

  @Test
  void interfaceAndManagementDoNotShareAPort() {
    assertThatThrownBy(() -> read("AUDIT_PORT", "9000", "AUDIT_MANAGEMENT_PORT", "9000"))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("AUDIT_MANAGEMENT_PORT")
        .hasMessageContaining("9000");
    assertThatCode(() -> read("AUDIT_PORT", "0", "AUDIT_MANAGEMENT_PORT", "0"))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "ETL_INTERNAL_CONCURRENCY, 7, ETL_ENABLE_INTERNAL_PARALLELISM, true, 7",
    "ETL_INTERNAL_CONCURRENCY, 7, ETL_ENABLE_INTERNAL_PARALLELISM, False, 1",
    "ETL_INTERNAL_CONCURRENCY, 7, AUDIT_WRITE_CONCURRENCY, 5, 5",
    "AUDIT_WRITE_PARALLEL, true, ETL_ENABLE_INTERNAL_PARALLELISM, false, 3",
  })
  void namesOfOlderLoadersAreReadWhereOursAreNotSet(
      String name, String value, String other, String otherValue, int concurrency) {
    assertThat(read(name, value, other, otherValue).write().concurrency()).isEqualTo(concurrency);
  }

  @Test
  void wrongValueIsToldUnderTheNameThatItCameBy() {
    assertThatThrownBy(() -> read("ETL_INTERNAL_CONCURRENCY", "many"))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("ETL_INTERNAL_CONCURRENCY is \"many\"");
  }

  @Test
  void ownerWithoutADatabaseIsRefused() {
    assertThatThrownBy(() -> read("AUDIT_DB_OWNER", "postgresql://o:p@h/d"))
        .isInstanceOf(InvalidSettings.class)
        .hasMessageContaining("AUDIT_DB_OWNER is set and AUDIT_DB is not");
  }
}
