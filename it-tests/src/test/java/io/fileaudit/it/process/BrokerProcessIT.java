package io.fileaudit.it.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.ingest.Received;
import io.fileaudit.core.record.MemberProbe;
import io.fileaudit.core.record.Outgoing;
import io.fileaudit.server.kafka.KafkaSettings;
import io.fileaudit.server.kafka.ReactorKafkaLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import reactor.test.StepVerifier;

/** A broker of its own is what it is taken for, and the service's log lives with its end. */
class BrokerProcessIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @BeforeAll
  static void quietClients() {
    LoggingSystem.get(BrokerProcessIT.class.getClassLoader())
        .setLogLevel(LoggingSystem.ROOT_LOGGER_NAME, LogLevel.ERROR);
  }

  private static ReactorKafkaLog log(String servers, Map<String, String> properties) {
    return new ReactorKafkaLog(new KafkaSettings(servers, "audit", "in", 500, properties));
  }

  private static List<Outgoing> record(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return List.of(new Outgoing(bytes, bytes, Map.of()));
  }

  /** On a busy machine a broker may take longer than a node waits for it. */
  private static void written(ReactorKafkaLog log, String value) {
    log.send("in", record(value)).retry(9).block(PATIENCE);
  }

  private static List<String> values(List<Received> records) {
    return records.stream().map(each -> new String(each.value(), StandardCharsets.UTF_8)).toList();
  }

  @Test
  void recordsAndMembersOutliveTheBroker(@TempDir Path folder)
      throws IOException, InterruptedException {
    try (BrokerProcess broker = new BrokerProcess(folder).start()) {
      ReactorKafkaLog log = log(broker.servers(), Map.of());
      written(log, "before");

      broker.kill();
      StepVerifier.create(log.send("in", record("lost"))).expectError().verify(PATIENCE);
      StepVerifier.create(log.standing()).expectError().verify(PATIENCE);
      MemberProbe member = MemberProbe.join(log);
      broker.start();
      written(log, "after");

      assertThat(values(member.records(2))).startsWith("before").endsWith("after");
      member.dispose();
      log.close().block(PATIENCE);
    }
  }

  @Test
  void brokerThatAsksForAPasswordIsReachedByTls(@TempDir Path folder)
      throws IOException, InterruptedException {
    try (BrokerProcess broker = new BrokerProcess(folder).secured().start()) {
      Path file = Files.writeString(folder.resolve("client"), broker.clientProperties());
      ReactorKafkaLog log = log(broker.securedServers(), KafkaSettings.readProperties(file));
      written(log, "secret");

      MemberProbe member = MemberProbe.join(log);
      assertThat(values(member.records(1))).containsExactly("secret");
      assertThat(log.standing().block(PATIENCE).partitions()).isEqualTo(1);
      member.dispose();
      log.close().block(PATIENCE);
    }
  }
}
