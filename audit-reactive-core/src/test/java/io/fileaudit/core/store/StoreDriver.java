package io.fileaudit.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.batch.Snapshots;
import io.fileaudit.core.ingest.EventReader;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.Line;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Speaks to a store for the contract kit: makes chunks of lines of text and waits, with a bound,
 * for what the store answers. Each driver has a namespace of its own, so that tests share nothing.
 */
final class StoreDriver {
  /** How long one call may take. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  static final String NODE = "node-of-the-kit";
  static final String BY = "tester";

  final AuditStore store;
  final String namespace = "kit-" + UUID.randomUUID();

  StoreDriver(AuditStore store) {
    this.store = store;
  }

  BatchKey key() {
    return new BatchKey(namespace, UUID.randomUUID());
  }

  /** A fresh open batch of which nothing is said. */
  BatchKey open() {
    return open(BatchSpec.builder().build());
  }

  /** A fresh open batch. */
  BatchKey open(BatchSpec spec) {
    BatchKey key = key();
    assertThat(open(key, spec).created()).isTrue();
    return key;
  }

  /** A fresh open sub-batch. */
  BatchKey openBelow(BatchKey parent) {
    return open(BatchSpec.builder().parent(parent.id()).build());
  }

  OpenedBatch open(BatchKey key, BatchSpec spec) {
    return answer(store.open(opening(key, spec)));
  }

  OpenBatch opening(BatchKey key, BatchSpec spec) {
    return new OpenBatch(
        key, spec, LimitRules.resolve(spec.limits(), LimitRules.DEFAULTS), null, BY, NODE);
  }

  /** Commits lines for run 1 without a producer. */
  Ack send(BatchKey key, String... lines) {
    return send(key, 1, null, lines);
  }

  Ack send(BatchKey key, int run, String producer, String... lines) {
    return commit(chunk(key, run, producer, lines));
  }

  Chunk chunk(BatchKey key, int run, String producer, String... lines) {
    EventReader reader = new EventReader();
    List<Line> read = new ArrayList<>();
    for (String line : lines) {
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      read.add(reader.read(read.size() + 1L, bytes, 0, bytes.length));
    }
    return new Chunk(UUID.randomUUID(), key, run, producer, read);
  }

  Ack commit(Chunk chunk) {
    return committed(answer(store.commit(List.of(chunk), false)).get(0));
  }

  static Ack committed(CommitOutcome outcome) {
    assertThat(outcome).isInstanceOf(CommitOutcome.Committed.class);
    return ((CommitOutcome.Committed) outcome).ack();
  }

  /** Asks for a status of run 1. */
  Decided decide(BatchKey key, BatchStatus wanted) {
    return decide(key, 1, wanted);
  }

  Decided decide(BatchKey key, int run, BatchStatus wanted) {
    return answer(store.decide(wish(key, run, wanted)));
  }

  Decide wish(BatchKey key, int run, BatchStatus wanted) {
    return new Decide(key, new DecisionPlan.Wish(run, wanted, "because", BY, NODE));
  }

  /** An ENDED event of a stream. */
  Decide ended(BatchKey key, int run, String producer, BatchStatus wanted, Object... more) {
    Map<String, Object> fields = Lines.map("type", EventType.ENDED.name(), "status", wanted.name());
    fields.putAll(Lines.map(more));
    Line line = chunk(key, run, producer, CanonicalJson.text(fields)).lines().get(0);
    DecisionPlan.Wish wish = new DecisionPlan.Wish(run, wanted, null, BY, NODE);
    return new Decide(key, wish, producer, (Line.Readable) line);
  }

  BatchRecord find(BatchKey key) {
    return answer(store.find(key));
  }

  Snapshot snapshot(BatchKey key) {
    return Snapshots.of(find(key));
  }

  BatchStatus status(BatchKey key) {
    return find(key).state().status();
  }

  List<String> ledger(BatchKey key) {
    return all(store.ledger(key, 0));
  }

  /** The tree of those rows (RFC 6962). */
  static CompactRange treeOf(List<String> ledger) {
    CompactRange.Growing tree = CompactRange.EMPTY.grow();
    ledger.forEach(body -> tree.add(Hash.leaf(body.getBytes(StandardCharsets.UTF_8))));
    return tree.range();
  }

  /** The events of the ledger as they were sent. */
  List<Map<String, Object>> events(BatchKey key) {
    return ledger(key).stream().map(text -> eventOf(Lines.parse(text))).toList();
  }

  @SuppressWarnings("unchecked") // names of JSON objects are strings
  static Map<String, Object> eventOf(Map<String, Object> body) {
    return (Map<String, Object>) body.get("event");
  }

  List<Manifest> files(BatchKey key) {
    return all(store.files(key, FileQuery.all()));
  }

  Manifest file(BatchKey key, String name) {
    return files(key).stream().filter(file -> file.file().equals(name)).findFirst().orElseThrow();
  }

  List<Verdict> verdicts(BatchKey key) {
    return all(store.verdicts(key));
  }

  List<Rejected> rejected(BatchKey key) {
    return all(store.rejected(key, 0, Integer.MAX_VALUE));
  }

  /** The highest position of each producer by name. */
  Map<String, Long> marks(BatchKey key) {
    return answer(store.producers(key).collectMap(ProducerMark::producer, ProducerMark::position));
  }

  /** Everything that can be seen of a batch but the time at which it was looked at. */
  List<Object> everything(BatchKey key) {
    BatchRecord batch = find(key);
    return List.of(
        batch.spec(),
        batch.limits(),
        batch.openedAt(),
        batch.state(),
        batch.refusals(),
        ledger(key),
        files(key),
        verdicts(key),
        rejected(key),
        all(store.producers(key)));
  }

  /** Compares accounts and figures with what the ledger's texts say. */
  void checkAccount(BatchKey key) {
    List<String> ledger = ledger(key);
    LedgerModel model = LedgerModel.of(ledger);
    BatchRecord batch = find(key);
    assertThat(files(key)).isEqualTo(model.manifests());
    assertThat(batch.state().tally().toMap()).isEqualTo(model.figures(batch.spec()));
    assertThat(batch.state().events()).isEqualTo(model.events());
    assertThat(batch.state().tree()).as("tree of the ledger").isEqualTo(treeOf(ledger));
  }

  <T> T answer(Mono<T> call) {
    return Objects.requireNonNull(call.block(PATIENCE), "the store gave no answer");
  }

  <T> List<T> all(Flux<T> call) {
    return answer(call.collectList());
  }

  /** The error of that type with which a call must fail. */
  AuditException refusal(ProblemType type, Mono<?> call) {
    AuditException error = catchThrowableOfType(AuditException.class, () -> call.block(PATIENCE));
    assertThat(error).as("the call should have failed with %s", type).isNotNull();
    assertThat(error.type()).as(error.detail()).isEqualTo(type);
    return error;
  }

  /** Waits until what is asked for is so. */
  void await(Supplier<Mono<Boolean>> condition) {
    answer(
        Mono.defer(condition)
            .filter(Boolean.TRUE::equals)
            .repeatWhenEmpty(tries -> tries.delayElements(Duration.ofMillis(5))));
  }
}
