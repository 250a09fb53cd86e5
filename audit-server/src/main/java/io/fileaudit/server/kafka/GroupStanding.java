package io.fileaudit.server.kafka;

import io.fileaudit.core.record.Standing;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import reactor.core.publisher.Mono;

/** How far a group has come in a topic. */
final class GroupStanding {
  private final KafkaAdmin admin;
  private final String group;
  private final String topic;

  GroupStanding(KafkaAdmin admin, String group, String topic) {
    this.admin = admin;
    this.group = group;
    this.topic = topic;
  }

  /** As seen by a node that reads those partitions. Lazy. */
  Mono<Standing> of(Set<TopicPartition> own) {
    return admin
        .topic(topic)
        .flatMap(found -> standing(partitions(found), own))
        .defaultIfEmpty(new Standing(0, 0, 0));
  }

  private static List<TopicPartition> partitions(TopicDescription topic) {
    return topic.partitions().stream()
        .map(partition -> new TopicPartition(topic.name(), partition.partition()))
        .toList();
  }

  private Mono<Standing> standing(List<TopicPartition> partitions, Set<TopicPartition> own) {
    // What was committed first: else records that come meanwhile would count as less than none.
    return admin
        .committed(group)
        .flatMap(
            committed ->
                Mono.zip(
                        begins(partitions, committed),
                        admin.offsets(partitions, OffsetSpec.latest()))
                    .map(
                        offsets ->
                            standing(
                                partitions, own, committed, offsets.getT1(), offsets.getT2())));
  }

  /** Where partitions begin in which nothing was committed. */
  private Mono<Map<TopicPartition, Long>> begins(
      List<TopicPartition> partitions, Map<TopicPartition, Long> committed) {
    return admin.offsets(
        partitions.stream().filter(partition -> !committed.containsKey(partition)).toList(),
        OffsetSpec.earliest());
  }

  private static Standing standing(
      List<TopicPartition> partitions,
      Set<TopicPartition> own,
      Map<TopicPartition, Long> committed,
      Map<TopicPartition, Long> begins,
      Map<TopicPartition, Long> ends) {
    long behind = 0;
    long behindHere = 0;
    int here = 0;
    for (TopicPartition partition : partitions) {
      long end = ends.getOrDefault(partition, 0L);
      long next = committed.getOrDefault(partition, begins.getOrDefault(partition, end));
      long left = Math.max(0, end - next);
      behind += left;
      if (own.contains(partition)) {
        behindHere += left;
        here++;
      }
    }
    return new Standing(here, behind, behindHere);
  }
}
