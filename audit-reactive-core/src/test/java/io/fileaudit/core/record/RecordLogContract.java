package io.fileaudit.core.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.core.ingest.Received;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What every log of records does. Tests share nothing: each has topics and a group of its own. */
public abstract class RecordLogContract {
  /** How many records a node under test takes at once. */
  protected static final int MOST_OF_ONE_POLL = 5;

  protected static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  /** The topic that the nodes of this test receive from; not there until it is made. */
  protected String topic;

  /** The group of the nodes of this test. */
  protected String group;

  private final List<RecordLog> nodes = new ArrayList<>();
  private final List<MemberProbe> members = new ArrayList<>();

  /** A new node of a group that receives {@link #MOST_OF_ONE_POLL} records at once. */
  protected abstract RecordLog node(String topic, String group);

  /** Makes a topic; it is there when this returns. */
  protected abstract void make(String topic, int partitions);

  /** Deletes a topic; it is gone when this returns. */
  protected abstract void delete(String topic);

  /** Adds records to a partition in this order; they are there when this returns. */
  protected abstract void put(String topic, int partition, List<Outgoing> records);

  @BeforeEach
  final void begin() {
    topic = "in-" + UUID.randomUUID();
    group = "group-" + UUID.randomUUID();
  }

  @AfterEach
  final void end() {
    members.forEach(MemberProbe::dispose);
    Flux.fromIterable(nodes).flatMap(RecordLog::close).blockLast(PATIENCE);
  }

  /** A new node of this test's group. */
  protected final RecordLog node() {
    return node(group);
  }

  /** A new node of that group. */
  protected final RecordLog node(String inGroup) {
    RecordLog node = node(topic, inGroup);
    nodes.add(node);
    return node;
  }

  /** A member of the group at that node, until the test ends. */
  protected final MemberProbe join(RecordLog node) {
    MemberProbe member = MemberProbe.join(node);
    members.add(member);
    return member;
  }

  /** What the mono gives; fails where that takes too long. */
  protected static <T> T answer(Mono<T> mono) {
    return mono.block(PATIENCE);
  }

  /** Waits until that holds; fails where that takes too long. */
  protected static void await(BooleanSupplier holds) {
    long begin = System.nanoTime();
    while (!holds.getAsBoolean()) {
      assertThat(System.nanoTime() - begin).as("nanoseconds").isLessThan(PATIENCE.toNanos());
      Mono.delay(LOOK_EVERY).block();
    }
  }

  /** Waits until a node reads so many partitions. */
  protected static void awaitPartitions(RecordLog node, int partitions) {
    await(() -> answer(node.standing()).partitions() == partitions);
  }

  /** A record of text without headers. */
  protected static Outgoing text(String key, String value) {
    return new Outgoing(
        key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  /** Records of text whose values are numbered from 0. */
  protected static List<Outgoing> numbered(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(number -> text(prefix, prefix + number)).toList();
  }

  /** What a record says. */
  protected static String value(Received record) {
    return new String(record.value(), StandardCharsets.UTF_8);
  }

  private static String key(Received record) {
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  @Test
  void recordsOfAPartitionComeInOrderAndOnce() {
    make(topic, 3);
    for (int partition = 0; partition < 3; partition++) {
      put(topic, partition, numbered(partition + ":", 20));
    }

    List<Received> records = join(node()).records(60);

    for (int number = 0; number < 3; number++) {
      int partition = number;
      List<Received> own = records.stream().filter(each -> each.partition() == partition).toList();
      assertThat(own)
          .extracting(Received::offset)
          .isEqualTo(LongStream.range(0, 20).boxed().toList());
      assertThat(own)
          .extracting(RecordLogContract::value)
          .isEqualTo(IntStream.range(0, 20).mapToObj(i -> partition + ":" + i).toList());
      assertThat(own).extracting(Received::topic).containsOnly(topic);
    }
    assertThat(records.stream().map(Received::producer).distinct()).hasSize(3);
  }

  @Test
  void nothingComesThatWasNotRequested() {
    make(topic, 1);
    put(topic, 0, numbered("r", 4 * MOST_OF_ONE_POLL));
    RecordLog node = node();
    MemberProbe member = join(node);
    awaitPartitions(node, 1);

    assertThat(member.waiting()).isZero();
    Polled first = member.next();
    assertThat(first.records().size()).isBetween(1, MOST_OF_ONE_POLL);
    first.acknowledgement().run();
    await(() -> answer(node.standing()).behind() == 4 * MOST_OF_ONE_POLL - first.records().size());
    assertThat(member.waiting()).isZero();
    assertThat(member.next().records().get(0).offset()).isEqualTo(first.records().size());
  }

  @Test
  void whatWasAcknowledgedIsNotGivenToTheNextMemberAndWhatWasNotIs() {
    make(topic, 1);
    put(topic, 0, numbered("r", 3 * MOST_OF_ONE_POLL));
    MemberProbe first = join(node());
    Polled stored = first.next();
    Polled lost = first.next();

    stored.acknowledgement().run();
    first.dispose();

    assertThat(join(node()).next().records().get(0))
        .usingRecursiveComparison()
        .isEqualTo(lost.records().get(0));
  }

  @Test
  void acknowledgingAPollAcknowledgesThoseBeforeIt() {
    make(topic, 2);
    put(topic, 0, numbered("a", 2 * MOST_OF_ONE_POLL));
    put(topic, 1, numbered("b", MOST_OF_ONE_POLL));
    MemberProbe member = join(node());
    List<Polled> polls = new ArrayList<>();
    while (polls.stream().mapToInt(poll -> poll.records().size()).sum() < 3 * MOST_OF_ONE_POLL) {
      polls.add(member.next());
    }

    polls.get(polls.size() - 1).acknowledgement().run();
    polls.forEach(poll -> poll.acknowledgement().run());
    member.dispose();

    RecordLog next = node();
    await(() -> answer(next.standing()).behind() == 0);
  }

  @Test
  void twoMembersShareThePartitionsAndTheLastOneHasAll() {
    make(topic, 4);
    RecordLog stays = node();
    RecordLog leaves = node();
    MemberProbe staying = join(stays);
    awaitPartitions(stays, 4);
    MemberProbe leaving = join(leaves);
    awaitPartitions(leaves, 2);
    awaitPartitions(stays, 2);
    IntStream.range(0, 4).forEach(partition -> put(topic, partition, numbered("shared", 1)));

    Set<Integer> here = partitions(staying.records(2));
    Set<Integer> there = partitions(leaving.records(2));
    leaving.dispose();
    awaitPartitions(stays, 4);
    awaitPartitions(leaves, 0);
    IntStream.range(0, 4).forEach(partition -> put(topic, partition, numbered("alone", 1)));

    assertThat(here).hasSize(2).doesNotContainAnyElementsOf(there);
    assertThat(there).hasSize(2);
    Set<String> alone = new HashSet<>();
    while (alone.size() < 4) {
      Polled polled = staying.next();
      polled.records().stream()
          .filter(each -> value(each).equals("alone0"))
          .forEach(each -> alone.add(each.producer()));
      polled.acknowledgement().run();
    }
    await(() -> answer(stays.standing()).behind() == 0);
  }

  private static Set<Integer> partitions(List<Received> records) {
    return records.stream().map(Received::partition).collect(Collectors.toSet());
  }

  @Test
  void topicThatIsMadeLateIsReceivedFrom() {
    RecordLog node = node();
    MemberProbe member = join(node);
    member.request(1);
    assertThat(answer(node.standing())).isEqualTo(new Standing(0, 0, 0));

    make(topic, 2);
    put(topic, 1, numbered("late", 1));

    await(() -> member.waiting() == 1);
    assertThat(answer(node.standing())).isEqualTo(new Standing(2, 1, 1));
  }

  @Test
  void missingKeyAndValueAreNull() {
    make(topic, 1);
    put(topic, 0, List.of(new Outgoing(null, null, Map.of())));

    Received record = join(node()).records(1).get(0);

    assertThat(record.key()).isNull();
    assertThat(record.value()).isNull();
  }

  @Test
  void recordsOfOneKeyAreWrittenInOrder() {
    make(topic, 3);
    List<Outgoing> records =
        IntStream.range(0, 300).mapToObj(each -> text("k" + each % 7, "" + each)).toList();

    node().send(topic, records).block(PATIENCE);

    Map<String, List<Received>> written =
        join(node()).records(300).stream().collect(Collectors.groupingBy(RecordLogContract::key));
    assertThat(written).hasSize(7);
    written.values().forEach(RecordLogContract::assertInOrder);
  }

  private static void assertInOrder(List<Received> records) {
    assertThat(records).extracting(Received::partition).containsOnly(records.get(0).partition());
    assertThat(records).extracting(each -> Integer.parseInt(value(each))).isSorted();
  }

  @Test
  void nothingIsWrittenUntilSubscribed() {
    make(topic, 1);
    RecordLog node = node();
    Mono<Void> late = node.send(topic, List.of(text("k", "late")));
    node.send(topic, List.of(text("k", "first"))).block(PATIENCE);
    late.block(PATIENCE);

    assertThat(join(node()).records(2))
        .extracting(RecordLogContract::value)
        .containsExactly("first", "late");
  }

  @Test
  void nothingJoinsUntilSubscribed() {
    make(topic, 1);
    RecordLog lazy = node();
    Flux<Polled> receiving = lazy.receive();
    RecordLog node = node();
    MemberProbe member = join(node);
    awaitPartitions(node, 1);

    assertThat(answer(lazy.standing()).partitions()).isZero();
    member.dispose();
    Disposable joined = receiving.subscribe();
    awaitPartitions(lazy, 1);
    joined.dispose();
    awaitPartitions(lazy, 0);
  }

  @Test
  void nothingToWriteIsWrittenAtOnce() {
    node().send(topic, List.of()).block(PATIENCE);
  }

  @Test
  void standingCountsWhatNobodyAcknowledged() {
    make(topic, 2);
    put(topic, 0, numbered("a", 2 * MOST_OF_ONE_POLL));
    put(topic, 1, numbered("b", MOST_OF_ONE_POLL));
    RecordLog node = node();
    assertThat(answer(node.standing())).isEqualTo(new Standing(0, 3 * MOST_OF_ONE_POLL, 0));
    MemberProbe member = join(node);

    Polled polled = member.next();
    polled.acknowledgement().run();

    int left = 3 * MOST_OF_ONE_POLL - polled.records().size();
    await(() -> answer(node.standing()).equals(new Standing(2, left, left)));
    assertThat(answer(node().standing())).isEqualTo(new Standing(0, left, 0));
  }

  @Test
  void topicThatIsNotThereHasNothingBehind() {
    assertThat(answer(node().standing())).isEqualTo(new Standing(0, 0, 0));
  }

  @Test
  void groupsDoNotTakeFromEachOther() {
    make(topic, 1);
    put(topic, 0, numbered("r", 1));

    assertThat(join(node()).records(1)).hasSize(1);
    assertThat(join(node("another-" + UUID.randomUUID())).records(1)).hasSize(1);
  }

  @Test
  void partitionOfATopicThatWasMadeAgainHasAnotherName() {
    make(topic, 1);
    put(topic, 0, numbered("old", 1));
    MemberProbe before = join(node());
    String old = before.records(1).get(0).producer();
    before.dispose();

    delete(topic);
    make(topic, 1);
    put(topic, 0, numbered("new", 1));

    Received record = join(node()).records(1).get(0);
    assertThat(value(record)).isEqualTo("new0");
    assertThat(record.offset()).isZero();
    assertThat(record.producer()).isNotEqualTo(old);
  }

  @Test
  void closingTwiceIsNoError() {
    RecordLog node = node();
    node.send(topic + "-out", List.of(text("k", "v"))).block(PATIENCE);

    node.close().block(PATIENCE);
    node.close().block(PATIENCE);
  }
}
