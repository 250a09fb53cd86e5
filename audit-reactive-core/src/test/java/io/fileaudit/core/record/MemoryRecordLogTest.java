package io.fileaudit.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

/** The log in memory keeps the contract, and fails when a test wants it to. */
class MemoryRecordLogTest extends RecordLogContract {
  private final MemoryTopics topics = new MemoryTopics();

  @Override
  protected RecordLog node(String topic, String group) {
    return new MemoryRecordLog(topics, topic, group, MOST_OF_ONE_POLL);
  }

  @Override
  protected void make(String topic, int partitions) {
    topics.make(topic, partitions);
  }

  @Override
  protected void delete(String topic) {
    topics.delete(topic);
  }

  @Override
  protected void put(String topic, int partition, List<Outgoing> records) {
    records.forEach(each -> topics.put(topic, partition, each));
  }

  @Test
  void failsAsLongAsATestWantsItTo() {
    MemoryRecordLog log = new MemoryRecordLog("in");
    log.topics().make("in", 1);
    MemberProbe member = MemberProbe.join(log);
    IOException failure = new IOException("away");

    log.failReceiving(failure);
    log.failSending(failure);
    log.failStanding(failure);
    await(() -> member.failure() == failure);
    StepVerifier.create(log.receive()).expectErrorMatches(failure::equals).verify(PATIENCE);
    StepVerifier.create(log.send("out", List.of(text("k", "v"))))
        .expectErrorMatches(failure::equals)
        .verify(PATIENCE);
    StepVerifier.create(log.standing()).expectErrorMatches(failure::equals).verify(PATIENCE);
    log.failReceiving(null);
    log.failSending(null);
    log.failStanding(null);
    StepVerifier.create(log.send("out", List.of(text("k", "v")))).expectComplete().verify(PATIENCE);

    assertThat(log.topics().records("out")).hasSize(1);
    assertThat(log.topics().records("out").get(0).headers()).isEqualTo(Map.of());
    StepVerifier.create(log.standing()).expectNextCount(1).expectComplete().verify(PATIENCE);
  }
}
