package io.fileaudit.api.client;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.access.ApiKey;
import io.fileaudit.api.access.Identity;
import io.fileaudit.api.access.NewKey;
import io.fileaudit.api.access.PageLink;
import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.HeartbeatAnswer;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.StatusRequest;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.EventWriter;
import io.fileaudit.api.event.RejectedEvent;
import io.fileaudit.api.evidence.LogLine;
import io.fileaudit.api.evidence.Seal;
import io.fileaudit.api.evidence.SignedCheckpoint;
import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.Finding;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.Utf8Output;
import io.fileaudit.api.table.PeriodReport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.ConnectionProvider;
import tools.jackson.databind.JavaType;

/**
 * The calls of an audit service, each made once: opens batches, streams their events, ends them,
 * and looks at them. Loaders want {@link AuditClient}, which tries again and loses nothing.
 *
 * <p>Thread-safe. Every publisher is lazy: each subscription is a call of its own. Signals come on
 * the network's threads, which must not be blocked. Cancelling gives up the answer, not a change
 * that the service has already begun. Errors of all calls:
 *
 * <ul>
 *   <li>{@link io.fileaudit.api.problem.AuditException}: what the service answers by name;
 *   <li>{@link UnreachableException}: no answer;
 *   <li>{@link UnexpectedAnswerException}: an answer of something else.
 * </ul>
 *
 * Nothing is tried again here: opening with an id, asking for a status and sending numbered events
 * may be repeated by the caller and count once.
 */
@CheckReturnValue
public final class AuditCalls implements AutoCloseable {
  private static final JavaType HEARTBEAT = type(HeartbeatAnswer.class);
  private static final JavaType SNAPSHOT = type(Snapshot.class);
  private static final JavaType SNAPSHOTS = page(Snapshot.class);
  private static final JavaType MANIFEST = type(Manifest.class);
  private static final JavaType MANIFESTS = page(Manifest.class);
  private static final JavaType FINDING = type(FileFinding.class);
  private static final JavaType PERIOD = type(PeriodReport.class);
  private static final JavaType VERDICTS = page(Verdict.class);
  private static final JavaType PRODUCERS = page(ProducerPosition.class);
  private static final JavaType IDENTITY = type(Identity.class);
  private static final JavaType API_KEY = type(ApiKey.class);
  private static final JavaType API_KEYS = page(ApiKey.class);
  private static final JavaType PAGE_LINK = type(PageLink.class);
  private static final JavaType SEAL = type(Seal.class);
  private static final JavaType CHECKPOINT = type(SignedCheckpoint.class);
  private static final JavaType LOG_LINE = type(LogLine.class);
  private static final JavaType REJECTED = page(RejectedEvent.class);

  private final HttpCalls calls;
  private final ConnectionProvider connections;

  AuditCalls(HttpCalls calls, ConnectionProvider connections) {
    this.calls = calls;
    this.connections = connections;
  }

  /**
   * Opens a batch under an id of the caller's, finds it open, or resumes it where the specification
   * asks for that. Errors: {@code batch-conflict} where the id was opened differently, {@code
   * invalid-request}.
   */
  public Mono<Snapshot> open(UUID batch, BatchSpec spec) {
    return Mono.defer(() -> calls.put(path(batch, ""), EventWriter.spec(spec), SNAPSHOT, Map.of()));
  }

  /**
   * Opens a batch under an id that the service makes. Where no answer comes, the batch may be open;
   * {@link #open(UUID, BatchSpec)} can be repeated, this cannot.
   */
  public Mono<Snapshot> open(BatchSpec spec) {
    return Mono.defer(() -> calls.post("/batches", EventWriter.spec(spec), SNAPSHOT));
  }

  /** The batch as it is now; {@code not-found} where there is none. */
  public Mono<Snapshot> snapshot(UUID batch) {
    return calls.get(path(batch, ""), SNAPSHOT);
  }

  /**
   * The batch as soon as it is another than the caller knows, with the tag that says so next time;
   * empty where it is still the same at the end of the time. Flags and clocks alone make it no
   * other.
   *
   * @param wait how long the service waits for a change: up to a minute, and shorter than the
   *     client waits for an answer
   * @param known the tag of the answer before; null is answered at once
   */
  public Mono<Tagged<Snapshot>> snapshot(UUID batch, Duration wait, @Nullable String known) {
    Query query = new Query().add("wait", known == null ? null : wait);
    return calls.tagged(path(batch, "") + query, known, SNAPSHOT);
  }

  /**
   * How the load of a table for a period stands, as soon as it has ended; where it has not at the
   * end of the time, as it is then. {@code not-found} where nothing was opened until then, and for
   * names with a slash, which have no address.
   *
   * @param wait how long the service waits for the end: up to a minute, and shorter than the client
   *     waits for an answer
   */
  public Mono<PeriodReport> period(String table, String period, Duration wait) {
    return calls.get(
        "/tables/"
            + Query.encoded(table)
            + "/periods/"
            + Query.encoded(period)
            + new Query().add("wait", wait),
        PERIOD);
  }

  /**
   * Asks for another status: COMPLETED, FAILED or CANCELLED end the run, RUNNING resumes. Where
   * COMPLETED is asked for, look at what the snapshot says: it may be INCOMPLETE. Errors: {@code
   * stale-run}, {@code batch-ended}, {@code invalid-transition}, {@code sub-batches-open}.
   *
   * @param run the run that is meant, from 1
   * @param message why, for the verdict
   */
  public Mono<Snapshot> status(UUID batch, int run, BatchStatus status, @Nullable String message) {
    Map<String, String> headers = Map.of("Audit-Run", Integer.toString(run));
    return calls.put(
        path(batch, "/status"), new StatusRequest(status.name(), message), SNAPSHOT, headers);
  }

  /**
   * Says that the loader of a batch lives, so that silence does not end it; says nothing of
   * progress. Answered after it was noted, with the time that is left of each limit. Errors: {@code
   * batch-ended} with the verdict, {@code stale-run}.
   *
   * @param run the run that is meant, from 1
   */
  public Mono<HeartbeatAnswer> heartbeat(UUID batch, int run) {
    return calls.put(
        path(batch, "/heartbeat"), Map.of(), HEARTBEAT, Map.of("Audit-Run", Integer.toString(run)));
  }

  /**
   * Sends events in one request and gives an acknowledgement after each commit, while it is still
   * sending. Events are requested at most 512 ahead of what the network takes, and go out as they
   * come; several that wait go together. Acknowledgements are read as they are requested, and a
   * service whose acknowledgements are not read stops taking events.
   *
   * <p>Lines that the service refused are in the acknowledgements. Where it takes nothing more, the
   * acknowledgement is followed by the error {@code batch-ended} with the verdict, or {@code
   * stale-run}. Where the source fails, what it gave before is sent and acknowledged, then its
   * error follows. {@link UnreachableException} means that what is not acknowledged may or may not
   * be stored. After any error and on cancelling, the source is cancelled and the connection
   * closed.
   *
   * @param run the run that is meant, from 1
   * @param producer who numbers the events by {@link Event#position()}: a name that is used by one
   *     sender and never again from a lower position; null where they are not numbered
   */
  public Flux<Ack> send(
      UUID batch, int run, @Nullable String producer, Flux<? extends Event> events) {
    return this.<Event>send(batch, run, producer, events, EventWriter::write);
  }

  /**
   * Sends events that the caller has as JSON, as {@link #send(UUID, int, String, Flux)} sends
   * others: what is wrong with one, the service says.
   *
   * @param lines an event each, UTF-8, without a line end
   */
  public Flux<Ack> sendJson(UUID batch, int run, @Nullable String producer, Flux<byte[]> lines) {
    return send(batch, run, producer, lines, (line, out) -> out.put(line));
  }

  /** Sends lines whose bytes are made already, as {@link #send(UUID, int, String, Flux)}. */
  Flux<Ack> sendLines(UUID batch, int run, String producer, Flux<Line> lines) {
    return send(batch, run, producer, lines, (line, out) -> out.put(line.json()));
  }

  private <T> Flux<Ack> send(
      UUID batch,
      int run,
      @Nullable String producer,
      Flux<? extends T> events,
      BiConsumer<T, Utf8Output> writer) {
    return Flux.deferContextual(
        context ->
            new EventSending<T>(calls, events, writer, context)
                .acks(path(batch, "/events"), run, producer));
  }

  /**
   * Files of the batch by name, a page at a time.
   *
   * @param cursor {@link Page#next()} of the page before; null for the first
   */
  public Mono<Page<Manifest>> files(UUID batch, FileFilter filter, @Nullable String cursor) {
    Query query = query(filter).add("cursor", cursor).add("page_size", filter.pageSize());
    return calls.get(path(batch, "/files") + query, MANIFESTS);
  }

  /** Files of the batch by name, all of them, read from the network only as they are requested. */
  public Flux<Manifest> allFiles(UUID batch, FileFilter filter) {
    return calls
        .lines(path(batch, "/files") + query(filter))
        .map(line -> calls.read(line, MANIFEST));
  }

  /**
   * Files of the batch that differ from what was announced, by name, all of them, read from the
   * network only as they are requested.
   *
   * @param only one kind of difference; null for every kind
   */
  public Flux<FileFinding> allFindings(UUID batch, @Nullable Finding only) {
    Query query = new Query().add("finding", only == null ? null : only.word());
    return calls
        .lines(path(batch, "/reconciliation") + query)
        .map(line -> calls.read(line, FINDING));
  }

  private static Query query(FileFilter filter) {
    return new Query()
        .add("state", filter.state())
        .add("error", filter.error())
        .add("q", filter.text());
  }

  /**
   * Batches, newest first, a page at a time.
   *
   * @param cursor {@link Page#next()} of the page before; null for the first
   */
  public Mono<Page<Snapshot>> batches(BatchFilter filter, @Nullable String cursor) {
    Query query = new Query();
    filter.statuses().stream().sorted().forEach(status -> query.add("status", status));
    query.add("table", filter.table()).add("period", filter.period());
    new TreeMap<>(filter.labels()).forEach((key, value) -> query.add("label", key + "=" + value));
    query.add("parent", filter.parent()).add("q", filter.text()).add("cursor", cursor);
    return calls.get("/batches" + query.add("page_size", filter.pageSize()), SNAPSHOTS);
  }

  /** The decisions about the batch, oldest first. */
  public Mono<List<Verdict>> verdicts(UUID batch) {
    return calls.<Page<Verdict>>get(path(batch, "/verdicts"), VERDICTS).map(Page::items);
  }

  /** The highest position of that producer that was accepted; -1 where it has none. */
  Mono<Long> position(UUID batch, String producer) {
    return calls
        .<Page<ProducerPosition>>get(path(batch, "/producers"), PRODUCERS)
        .map(
            page ->
                page.items().stream()
                    .filter(known -> known.producer().equals(producer))
                    .mapToLong(ProducerPosition::position)
                    .findFirst()
                    .orElse(-1));
  }

  /**
   * The texts of the batch's ledger from a number on, in order, up to the last row that was there.
   * Read from the network only as they are requested.
   */
  public Flux<String> ledger(UUID batch, long from) {
    return calls
        .lines(path(batch, "/ledger") + new Query().add("from", from))
        .map(line -> new String(line, StandardCharsets.UTF_8));
  }

  /** What the batch's ledger is sealed by, or how it stands while nothing seals it. */
  public Mono<Seal> seal(UUID batch) {
    return calls.get(path(batch, "/seal"), SEAL);
  }

  /**
   * The evidence of the batch as pieces of a ZIP file, for {@link
   * io.fileaudit.api.evidence.BundleVerifier}. Read from the network only as they are requested.
   */
  public Flux<byte[]> bundle(UUID batch) {
    return calls.pieces(path(batch, "/bundle"), "application/zip");
  }

  /**
   * How the log stands, signed.
   *
   * @param since how many entries it had when it was looked at before, for the proof that nothing
   *     but additions came since; null for none
   */
  public Mono<SignedCheckpoint> checkpoint(@Nullable Long since) {
    return calls.get("/checkpoint" + new Query().add("since", since), CHECKPOINT);
  }

  /** What is there of the log behind a number, in order. Read only as lines are requested. */
  public Flux<LogLine> log(long after) {
    return calls
        .lines("/log" + new Query().add("after", after))
        .map(line -> calls.read(line, LOG_LINE));
  }

  /**
   * Refused events of the batch in the order in which they first came, a page at a time.
   *
   * @param cursor {@link Page#next()} of the page before; null for the first
   */
  public Mono<Page<RejectedEvent>> rejected(UUID batch, @Nullable String cursor) {
    return calls.get(path(batch, "/rejected") + new Query().add("cursor", cursor), REJECTED);
  }

  /** Whom the service takes this client for. */
  public Mono<Identity> identity() {
    return calls.get("/session", IDENTITY);
  }

  /**
   * Makes a key; {@link ApiKey#key()} of the answer is shown this once. Needs a key with {@code
   * admin}. Errors: {@code invalid-request}, {@code forbidden}.
   */
  public Mono<ApiKey> addKey(NewKey wanted) {
    return Mono.defer(() -> calls.post("/keys", wanted, API_KEY));
  }

  /** Keys that the client's own may manage, revoked and expired ones too, newest first. */
  public Mono<List<ApiKey>> keys() {
    return calls.<Page<ApiKey>>get("/keys", API_KEYS).map(Page::items);
  }

  /** Revokes a key; again changes nothing. {@code not-found} where there is none. */
  public Mono<ApiKey> revokeKey(UUID id) {
    return calls.delete("/keys/" + id, API_KEY);
  }

  /** Makes a link that opens the page once, with the rights of the client's key. */
  public Mono<PageLink> pageLink() {
    return Mono.defer(() -> calls.post("/links", Map.of(), PAGE_LINK));
  }

  /** Closes the connections that are kept; calls under way fail. Does not wait. */
  @Override
  public void close() {
    connections.dispose();
  }

  private static String path(UUID batch, String below) {
    return "/batches/" + batch + below;
  }

  private static JavaType type(Class<?> of) {
    return AuditJson.lenient().constructType(of);
  }

  private static JavaType page(Class<?> of) {
    return AuditJson.lenient().getTypeFactory().constructParametricType(Page.class, of);
  }
}
