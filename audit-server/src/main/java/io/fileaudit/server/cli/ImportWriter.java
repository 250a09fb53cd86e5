package io.fileaudit.server.cli;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.batch.VerdictReason;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.TransientErrors;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.server.cli.earlier.ImportPlan;
import io.fileaudit.server.cli.earlier.ImportedBatch;
import io.fileaudit.server.cli.earlier.ImportedId;
import io.fileaudit.server.cli.earlier.Level;
import io.fileaudit.server.cli.earlier.Remark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Writes batches of the earlier service by the calls that every loader has. What is there already
 * is found by ids, so the same again changes nothing, and what was begun is gone on with.
 * Thread-safe.
 */
final class ImportWriter {
  /** Together about two minutes. */
  private static final long TRIES = 28;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final double BY_CHANCE = 0.25;
  private static final int AT_ONCE = 8;

  private final AuditCalls calls;

  ImportWriter(AuditCalls calls) {
    this.calls = calls;
  }

  /**
   * What became of a batch with its sub-batches.
   *
   * @param written how many batches are ended now that were not before
   * @param known how many were there already
   * @param events how many events are new
   * @param remarks what the service said against it
   */
  record Outcome(int written, int known, long events, List<Remark> remarks) {
    static final Outcome NOTHING = new Outcome(0, 0, 0, List.of());

    Outcome and(Outcome other) {
      List<Remark> all = new ArrayList<>(remarks);
      all.addAll(other.remarks);
      return new Outcome(written + other.written, known + other.known, events + other.events, all);
    }

    private static Outcome of(ImportedBatch batch, String kind, boolean taken, String detail) {
      Remark remark = new Remark(batch.level(), batch.id(), batch.name(), kind, taken, detail);
      return new Outcome(0, 0, 0, List.of(remark));
    }
  }

  /**
   * Writes batches, several at once, and gives the outcome of each as it is there. Batches of table
   * audits come after all others, so that of their table and period they are the newest. Lazy;
   * cancelling leaves what was begun for the next import. What the service refuses of a batch is an
   * outcome; errors are those that stop the import: access, and a service that stays away.
   */
  @CheckReturnValue
  Flux<Outcome> write(Collection<ImportedBatch> batches) {
    Flux<ImportedBatch> all = Flux.fromIterable(batches);
    return all.filter(batch -> batch.level() != Level.TABLE)
        .flatMap(batch -> write(batch, null), AT_ONCE)
        // In their order: of two audits of one table and period the later one has to be the newest.
        .concatWith(
            all.filter(batch -> batch.level() == Level.TABLE)
                .concatMap(batch -> write(batch, null), 1));
  }

  private Mono<Outcome> write(ImportedBatch batch, @Nullable UUID parent) {
    return find(batch)
        .flatMap(
            found ->
                found.known() != null
                    ? fill(batch, found)
                    : isLate(batch).flatMap(late -> begun(batch, found.id(), parent, late)))
        .onErrorResume(
            AuditException.class,
            refused -> stops(refused) ? Mono.error(refused) : Mono.just(refused(batch, refused)));
  }

  private Mono<Outcome> begun(ImportedBatch batch, UUID id, @Nullable UUID parent, boolean late) {
    String period = late ? null : batch.spec().period();
    return open(batch, id, period, parent)
        .flatMap(place -> fill(batch, place))
        .map(
            outcome ->
                late
                    ? outcome.and(
                        Outcome.of(
                            batch,
                            "late",
                            true,
                            "the table audit of its month was taken over before it: it has no"
                                + " period here, so that what that one says stands"))
                    : outcome);
  }

  /**
   * Whether the table audit that gives a batch its period is here already: opened now, the batch
   * would be the newest of that table and period, and say how it stands.
   */
  private Mono<Boolean> isLate(ImportedBatch batch) {
    String audit = batch.spec().labels().get(ImportPlan.TABLE_AUDIT);
    return batch.level() != Level.BATCH || audit == null || batch.spec().period() == null
        ? Mono.just(false)
        : look(ImportedId.own(audit).orElse(ImportedId.made(Level.TABLE, audit)))
            .map(
                place ->
                    place.known() != null
                        && audit.equals(place.known().labels().get(ImportPlan.ORIGINAL_ID)));
  }

  /** What retention took away was taken over before. */
  private static Outcome refused(ImportedBatch batch, AuditException refused) {
    return refused.type() == ProblemType.PURGED
        ? new Outcome(0, batch.batches(), 0, List.of())
        : Outcome.of(batch, "refused", false, refused.type().slug() + ": " + refused.detail());
  }

  private static boolean stops(AuditException refused) {
    return refused.type() == ProblemType.UNAUTHENTICATED
        || refused.type() == ProblemType.FORBIDDEN
        || TransientErrors.include(refused);
  }

  /**
   * Where a batch is, or is to be.
   *
   * @param known null where there is none yet
   */
  private record Place(UUID id, @Nullable Snapshot known) {}

  /** The batch's own id, unless somebody else's batch has it; then one that is made of it. */
  private Mono<Place> find(ImportedBatch batch) {
    UUID made = ImportedId.made(batch.level(), batch.id());
    UUID first = ImportedId.own(batch.id()).orElse(made);
    return look(first)
        .flatMap(
            place ->
                place.known() == null || first.equals(made) || isOf(batch, place.known())
                    ? Mono.just(place)
                    : look(made));
  }

  private Mono<Place> look(UUID id) {
    return again(() -> calls.snapshot(id))
        .map(snapshot -> new Place(id, snapshot))
        .onErrorResume(
            error ->
                error instanceof AuditException refused && refused.type() == ProblemType.NOT_FOUND,
            error -> Mono.just(new Place(id, null)));
  }

  /** A number may be the id of one batch in each of two databases; no two are made at one time. */
  private static boolean isOf(ImportedBatch batch, Snapshot known) {
    return ImportPlan.ORIGIN_VALUE.equals(known.labels().get(ImportPlan.ORIGIN))
        && batch.id().equals(known.labels().get(ImportPlan.ORIGINAL_ID))
        && hasSame(ImportPlan.CREATED_AT, batch, known);
  }

  private static boolean hasSame(String label, ImportedBatch batch, Snapshot known) {
    return Objects.equals(batch.spec().labels().get(label), known.labels().get(label));
  }

  private Mono<Place> open(
      ImportedBatch batch, UUID id, @Nullable String period, @Nullable UUID parent) {
    BatchSpec spec = batch.spec().withLoad(period, parent);
    return again(() -> calls.open(id, spec)).map(snapshot -> new Place(id, snapshot));
  }

  private Mono<Outcome> fill(ImportedBatch batch, Place place) {
    Snapshot known = place.known();
    if (known == null) {
      return Mono.error(new IllegalStateException("a batch that was opened has a snapshot"));
    }
    if (!isOf(batch, known)) {
      return Mono.just(
          Outcome.of(batch, "id-taken", false, "another batch has the id " + place.id()));
    }
    if (!known.status().isOpen() && !wasLeftBehind(known)) {
      return Mono.just(takenBefore(batch, known));
    }
    Mono<Snapshot> open =
        known.status().isOpen()
            ? Mono.just(known)
            : again(() -> calls.status(known.id(), known.run(), BatchStatus.RUNNING, null));
    return open.flatMap(
        now ->
            Flux.fromIterable(batch.children())
                .concatMap(child -> write(child, now.id()))
                .concatWith(Mono.defer(() -> finish(batch, now)))
                .reduce(Outcome.NOTHING, Outcome::and));
  }

  private static Outcome takenBefore(ImportedBatch batch, Snapshot known) {
    Outcome there = new Outcome(0, batch.batches(), 0, List.of());
    return hasSame(ImportPlan.STATUS, batch, known)
            && hasSame(ImportPlan.COMPLETED_AT, batch, known)
        ? there
        : there.and(
            Outcome.of(
                batch,
                "changed-there",
                false,
                "it is "
                    + batch.spec().labels().get(ImportPlan.STATUS)
                    + " there now, and was "
                    + known.labels().get(ImportPlan.STATUS)
                    + " or of another time when it was taken over; it stays as it was"));
  }

  /** Ended by a limit, or with its parent, because an import was given up half-way. */
  private static boolean wasLeftBehind(Snapshot known) {
    Verdict verdict = known.verdict();
    return known.status() == BatchStatus.TIMED_OUT
        || verdict != null && verdict.reason() == VerdictReason.PARENT_ENDED;
  }

  private Mono<Outcome> finish(ImportedBatch batch, Snapshot open) {
    return send(batch, open)
        .flatMap(
            sent ->
                again(() -> calls.status(open.id(), open.run(), batch.ending(), batch.message()))
                    .map(ended -> sent.and(ended(batch, ended))));
  }

  private Mono<Outcome> send(ImportedBatch batch, Snapshot open) {
    if (batch.events().isEmpty()) {
      return Mono.just(Outcome.NOTHING);
    }
    return again(
            () ->
                calls
                    .send(open.id(), open.run(), null, Flux.fromIterable(batch.events()))
                    .reduce(Ack::and))
        .map(
            ack ->
                new Outcome(
                    0,
                    0,
                    ack.accepted(),
                    ack.refusals().stream().map(refusal -> refused(batch, refusal)).toList()));
  }

  private static Remark refused(ImportedBatch batch, Refusal refusal) {
    FileEvent event = batch.events().get((int) refusal.line() - 1);
    return new Remark(
        Level.FILE,
        String.valueOf(event.attributes().getOrDefault("imported_id", "")),
        event.file(),
        "refused",
        false,
        refusal.type() + ": " + refusal.detail());
  }

  private static Outcome ended(ImportedBatch batch, Snapshot ended) {
    Outcome written = new Outcome(1, 0, 0, List.of());
    Verdict verdict = ended.verdict();
    if (ended.status() == batch.ending() || verdict == null || verdict.findings() == null) {
      return written;
    }
    return written.and(
        Outcome.of(
            batch,
            "judged-" + ended.status().name().toLowerCase(java.util.Locale.ROOT),
            true,
            "it was "
                + batch.spec().labels().get(ImportPlan.STATUS)
                + " there; held against that: "
                + verdict.findings().inWords()));
  }

  /** Every call may be repeated: opening, events and endings are known by their ids. */
  private static <T> Mono<T> again(Supplier<Mono<T>> call) {
    return Mono.defer(call)
        .retryWhen(
            Retry.backoff(TRIES, FIRST_PAUSE)
                .maxBackoff(LONGEST_PAUSE)
                .jitter(BY_CHANCE)
                .filter(TransientErrors::include)
                .onRetryExhaustedThrow((spec, signal) -> Exceptions.propagate(signal.failure())));
  }
}
