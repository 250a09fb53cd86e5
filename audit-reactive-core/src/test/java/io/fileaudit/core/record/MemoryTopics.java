package io.fileaudit.core.record;

import io.fileaudit.core.ingest.Received;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Topics and groups in memory, which logs share as they share a broker. Thread-safe. */
public final class MemoryTopics {
  private record GroupName(String group, String topic) {}

  private static final class Topic {
    final String id = "memory:" + UUID.randomUUID();
    final List<List<Outgoing>> partitions = new ArrayList<>();

    String producer(int partition) {
      return id + "/" + partition;
    }
  }

  private static final class Group {
    final List<MemoryMember> members = new ArrayList<>();

    /** By the partition's name, how many of its records were acknowledged. */
    final Map<String, Long> acknowledged = new HashMap<>();

    long acknowledged(String producer) {
      return acknowledged.getOrDefault(producer, 0L);
    }
  }

  private final Map<String, Topic> topics = new HashMap<>();
  private final Map<GroupName, Group> groups = new HashMap<>();

  /** Makes a topic where there is none. */
  public synchronized void make(String name, int partitions) {
    if (topics.containsKey(name)) {
      return;
    }
    Topic topic = new Topic();
    for (int partition = 0; partition < partitions; partition++) {
      topic.partitions.add(new ArrayList<>());
    }
    topics.put(name, topic);
    reassign(name);
  }

  /** Deletes a topic with all its records. */
  public synchronized void delete(String name) {
    topics.remove(name);
    reassign(name);
  }

  /** Adds a record to a partition. */
  public synchronized void put(String topic, int partition, Outgoing entry) {
    topics.get(topic).partitions.get(partition).add(entry);
    groups.forEach((name, group) -> wake(name, topic, group));
  }

  private static void wake(GroupName name, String topic, Group group) {
    if (name.topic().equals(topic)) {
      group.members.forEach(MemoryMember::wake);
    }
  }

  /** Writes as a log does: to the partition of the key, and to a new topic where there is none. */
  synchronized void send(String topic, List<Outgoing> entries) {
    make(topic, 1);
    int partitions = topics.get(topic).partitions.size();
    for (Outgoing entry : entries) {
      put(topic, Math.floorMod(Arrays.hashCode(entry.key()), partitions), entry);
    }
  }

  /** All records of a topic, one partition after the other. */
  public synchronized List<Outgoing> records(String topic) {
    Topic found = topics.get(topic);
    return found == null ? List.of() : found.partitions.stream().flatMap(List::stream).toList();
  }

  synchronized void join(MemoryMember member) {
    group(member.group, member.topic).members.add(member);
    reassign(member.topic);
  }

  synchronized void leave(MemoryMember member) {
    group(member.group, member.topic).members.remove(member);
    reassign(member.topic);
  }

  private Group group(String group, String topic) {
    return groups.computeIfAbsent(new GroupName(group, topic), name -> new Group());
  }

  private void reassign(String name) {
    Topic topic = topics.get(name);
    groups.forEach(
        (groupName, group) -> {
          if (groupName.topic().equals(name)) {
            reassign(topic, group);
            group.members.forEach(MemoryMember::wake);
          }
        });
  }

  /** Who keeps a partition goes on in it; who gets one begins at what was acknowledged. */
  private static void reassign(Topic topic, Group group) {
    for (int index = 0; index < group.members.size(); index++) {
      Map<Integer, Long> positions = group.members.get(index).positions;
      Map<Integer, Long> before = Map.copyOf(positions);
      boolean same = topic != null && topic.id.equals(group.members.get(index).topicId);
      group.members.get(index).topicId = topic == null ? null : topic.id;
      positions.clear();
      int partitions = topic == null ? 0 : topic.partitions.size();
      for (int partition = index; partition < partitions; partition += group.members.size()) {
        Long position = same ? before.get(partition) : null;
        positions.put(
            partition, position == null ? group.acknowledged(topic.producer(partition)) : position);
      }
    }
  }

  /** What comes next for a member, at most so many; empty where nothing waits. */
  synchronized List<Received> poll(MemoryMember member, int most) {
    List<Received> polled = new ArrayList<>();
    Topic topic = topics.get(member.topic);
    for (Map.Entry<Integer, Long> next : member.positions.entrySet()) {
      List<Outgoing> partition = topic.partitions.get(next.getKey());
      while (polled.size() < most && next.getValue() < partition.size()) {
        polled.add(received(member.topic, topic, next.getKey(), next.getValue()));
        next.setValue(next.getValue() + 1);
      }
    }
    return polled;
  }

  private static Received received(String name, Topic topic, int partition, long offset) {
    Outgoing entry = topic.partitions.get(partition).get((int) offset);
    return new Received(
        topic.producer(partition), name, partition, offset, entry.key(), entry.value());
  }

  /** Where a member stands now, by the partitions' names. */
  synchronized Map<String, Long> positions(MemoryMember member) {
    Map<String, Long> positions = new HashMap<>();
    member.positions.forEach(
        (partition, next) -> positions.put(member.topicId + "/" + partition, next));
    return positions;
  }

  synchronized void acknowledge(MemoryMember member, Map<String, Long> positions) {
    Group group = group(member.group, member.topic);
    positions.forEach((producer, next) -> group.acknowledged.merge(producer, next, Math::max));
  }

  /** How far a group has come, seen from a node that has those partitions. */
  synchronized Standing standing(String group, String name, Iterable<Integer> own) {
    Topic topic = topics.get(name);
    if (topic == null) {
      return new Standing(0, 0, 0);
    }
    long behind = 0;
    for (int partition = 0; partition < topic.partitions.size(); partition++) {
      behind += behind(group, name, topic, partition);
    }
    int partitions = 0;
    long behindHere = 0;
    for (int partition : own) {
      partitions++;
      behindHere += behind(group, name, topic, partition);
    }
    return new Standing(partitions, behind, behindHere);
  }

  private long behind(String group, String name, Topic topic, int partition) {
    return topic.partitions.get(partition).size()
        - group(group, name).acknowledged(topic.producer(partition));
  }

  /** The partitions that a member has. */
  synchronized List<Integer> partitions(MemoryMember member) {
    return List.copyOf(member.positions.keySet());
  }
}
