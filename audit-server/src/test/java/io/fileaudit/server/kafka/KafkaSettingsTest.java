package io.fileaudit.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaSettingsTest {
  @TempDir Path folder;

  private Path file(String... lines) throws IOException {
    return Files.write(folder.resolve("client.properties"), List.of(lines));
  }

  private static KafkaSettings with(Map<String, String> properties) {
    return new KafkaSettings("broker:9092", "audit", "in", 500, properties);
  }

  @Test
  void propertiesAreReadAsKafkaReadsThem() throws IOException {
    assertThat(
            KafkaSettings.readProperties(
                file(
                    "# TLS",
                    "security.protocol = SASL_SSL",
                    "ssl.truststore.location: /etc/trust.pem",
                    "config.providers=file")))
        .containsOnly(
            Map.entry("security.protocol", "SASL_SSL"),
            Map.entry("ssl.truststore.location", "/etc/trust.pem"),
            Map.entry("config.providers", "file"));
  }

  @Test
  void whatTheServiceSetsOrNobodyKnowsIsRefusedByName() throws IOException {
    Path file = file("group.id=mine", "acks=1", "sasl.mechnism=PLAIN", "linger.ms=1");

    assertThatThrownBy(() -> KafkaSettings.readProperties(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("set by the service itself: acks, group.id")
        .hasMessageContaining("not known to any client of Kafka: sasl.mechnism")
        .hasMessageNotContaining("linger.ms");
  }

  @Test
  void secretsAreNotShownWhereAFileIsRefused() throws IOException {
    Path file = file("sasl.jaas.config=password", "sasl.jaas.confg=password");

    assertThatThrownBy(() -> KafkaSettings.readProperties(file))
        .hasMessageNotContaining("password");
    assertThat(with(Map.of("sasl.jaas.config", "secret")).toString()).doesNotContain("secret");
  }

  @Test
  void eachClientIsGivenWhatItKnows() {
    KafkaSettings settings =
        with(
            Map.of(
                "security.protocol", "SSL",
                "session.timeout.ms", "7000",
                "linger.ms", "1",
                "config.providers.file.class", "some.Provider"));

    assertThat(ClientProperties.consumer(settings))
        .containsEntry("security.protocol", "SSL")
        .containsEntry("session.timeout.ms", "7000")
        .containsEntry("config.providers.file.class", "some.Provider")
        .doesNotContainKey("linger.ms");
    assertThat(ClientProperties.producer(settings))
        .containsEntry("security.protocol", "SSL")
        .containsEntry("linger.ms", "1")
        .doesNotContainKey("session.timeout.ms");
    assertThat(ClientProperties.admin(settings))
        .containsEntry("security.protocol", "SSL")
        .doesNotContainKeys("session.timeout.ms", "linger.ms");
  }

  @Test
  void whatTheServiceReliesOnHoldsWhateverIsSet() {
    KafkaSettings settings =
        with(
            Map.of(
                "isolation.level", "read_uncommitted",
                "acks", "0",
                "group.protocol", "consumer",
                "enable.auto.commit", "true",
                "bootstrap.servers", "other:9092"));

    assertThat(ClientProperties.consumer(settings))
        .containsEntry("isolation.level", "read_committed")
        .containsEntry("enable.auto.commit", false)
        .containsEntry("group.protocol", "CLASSIC")
        .containsEntry("bootstrap.servers", "broker:9092");
    assertThat(ClientProperties.producer(settings))
        .containsEntry("acks", "all")
        .containsEntry("bootstrap.servers", "broker:9092");
  }

  @Test
  void longRequestsLeaveTheClientsValid() {
    KafkaSettings settings = with(Map.of("request.timeout.ms", "30000"));

    assertThat(ClientProperties.producer(settings)).containsEntry("delivery.timeout.ms", 30_005);
    assertThat(ClientProperties.admin(settings)).containsEntry("default.api.timeout.ms", 30_000);
  }
}
