package io.fileaudit.core.ingest;

import com.google.errorprone.annotations.CheckReturnValue;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Namespaces;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.Line;
import io.fileaudit.core.life.Runs;
import io.fileaudit.core.lineage.RunEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Takes records of a log: what was received together is sorted by batch, and each batch's records
 * are committed in their order, many batches at a time. Their offsets are the positions that make a
 * repeat known, in the transaction of the events themselves.
 */
@CheckReturnValue
public final class RecordIngest {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final int REPORTS = 4;

  /**
   * A record that was not accepted.
   *
   * @param record the record
   * @param refusal why; its line is the record's offset
   */
  public record Refused(Received record, Refusal refusal) {}

  /**
   * Records that were read and are not committed yet.
   *
   * @param batches what is for each batch of each partition
   * @param reports reports on runs
   * @param undeliverable records of which nobody can say which batch they are for
   */
  public record Sorted(List<OfBatch> batches, List<Report> reports, List<Refused> undeliverable) {}

  /**
   * A report on a run.
   *
   * @param record as it came
   * @param event what it says
   */
  public record Report(Received record, RunEvent event) {}

  /**
   * What is for one batch, in the order of offsets.
   *
   * @param steps what is carried out one after the other
   */
  public record OfBatch(List<Step> steps) {}

  private record Step(Source source, List<Line> lines, List<Received> records) {}

  private record Group(String producer, BatchKey batch) {}

  private final Ingest ingest;
  private final Runs runs;
  private final int chunkSize;
  private final Consumer<Throwable> troubled;

  /**
   * An ingest of records that carries them out as lines of streams are.
   *
   * @param runs carries out reports on runs
   * @param chunkSize the most records of a batch that are committed together
   * @param troubled is told each time that something has to be tried again
   */
  public RecordIngest(Ingest ingest, Runs runs, int chunkSize, Consumer<Throwable> troubled) {
    this.ingest = ingest;
    this.runs = runs;
    this.chunkSize = chunkSize;
    this.troubled = troubled;
  }

  /** Reads records and sorts them by batch; never throws for what a sender wrote. */
  public Sorted sort(List<Received> records) {
    RecordReader reader = new RecordReader();
    Map<Group, OfBatch> batches = new LinkedHashMap<>();
    List<Report> reports = new ArrayList<>();
    List<Refused> undeliverable = new ArrayList<>();
    for (Received record : records) {
      RecordReader.Read read = reader.read(record);
      if (read instanceof RecordReader.Addressed addressed) {
        add(
            batches.computeIfAbsent(
                new Group(record.producer(), addressed.batch()),
                group -> new OfBatch(new ArrayList<>(1))),
            record,
            addressed);
      } else if (read instanceof RecordReader.Reported reported) {
        reports.add(new Report(record, reported.event()));
      } else if (read instanceof RecordReader.Undeliverable nobodys) {
        undeliverable.add(new Refused(record, nobodys.refusal()));
      }
    }
    return new Sorted(List.copyOf(batches.values()), reports, undeliverable);
  }

  private void add(OfBatch batch, Received record, RecordReader.Addressed read) {
    Step last = batch.steps().isEmpty() ? null : batch.steps().get(batch.steps().size() - 1);
    if (last == null
        || last.source().run() != read.run()
        || last.lines().size() >= chunkSize
        || read.line().standsAlone()
        || last.lines().get(0).standsAlone()) {
      last =
          new Step(
              new Source(read.batch(), read.run(), record.producer(), record.topic()),
              new ArrayList<>(),
              new ArrayList<>());
      batch.steps().add(last);
    }
    last.lines().add(read.line());
    last.records().add(record);
  }

  /**
   * Commits what was sorted, and gives those that were not accepted once all the others are
   * durable. Lazy, once for each subscription; carrying out the same again changes nothing. What
   * cannot be committed is tried again for as long as it takes, so there are no errors. Cancelling
   * gives up the answer and what was not begun.
   */
  public Mono<List<Refused>> carryOut(Sorted sorted) {
    return Flux.fromIterable(sorted.batches())
        .flatMap(this::carryOut, Integer.MAX_VALUE)
        .concatWith(reports(sorted.reports()))
        .collectList()
        .map(
            refused -> {
              List<Refused> all = new ArrayList<>(sorted.undeliverable());
              refused.forEach(all::addAll);
              return all;
            });
  }

  /** Their order does not matter, so several are carried out at a time. */
  private Mono<List<Refused>> reports(List<Report> reports) {
    return Flux.fromIterable(reports).flatMap(this::carryOut, REPORTS).collectList();
  }

  private Mono<Refused> carryOut(Report report) {
    return runs.report(Namespaces.DEFAULT, report.event(), report.record().topic())
        .then(Mono.<Refused>empty())
        .onErrorResume(
            RecordIngest::isFinal, error -> Mono.just(refused(report, (AuditException) error)))
        .retryWhen(again());
  }

  /** Whether the same again would end the same: what is not refused for good is tried again. */
  private static boolean isFinal(Throwable error) {
    return error instanceof AuditException refused && refused.type() != ProblemType.UNAVAILABLE;
  }

  private static Refused refused(Report report, AuditException error) {
    return new Refused(
        report.record(), Refusal.of(report.record().offset(), error.type(), error.detail()));
  }

  private Retry again() {
    return Retry.backoff(Long.MAX_VALUE, FIRST_PAUSE)
        .maxBackoff(LONGEST_PAUSE)
        .doBeforeRetry(again -> troubled.accept(again.failure()));
  }

  private Mono<List<Refused>> carryOut(OfBatch batch) {
    List<Step> steps = batch.steps();
    return steps.size() == 1
        ? carryOut(steps.get(0))
        : Flux.fromIterable(steps)
            .concatMap(this::carryOut, 1)
            .flatMapIterable(refused -> refused)
            .collectList();
  }

  private Mono<List<Refused>> carryOut(Step step) {
    return Mono.defer(() -> ingest.step(step.source(), step.lines()))
        .map(ack -> refused(step, ack))
        .onErrorResume(
            RecordIngest::isFinal, error -> Mono.just(allRefused(step, (AuditException) error)))
        .retryWhen(again());
  }

  private static List<Refused> refused(Step step, Ack ack) {
    if (ack.refusals().isEmpty()) {
      return List.of();
    }
    Map<Long, Refusal> byOffset = new HashMap<>();
    ack.refusals().forEach(refusal -> byOffset.put(refusal.line(), refusal));
    List<Refused> refused = new ArrayList<>();
    for (Received record : step.records()) {
      Refusal refusal = byOffset.get(record.offset());
      if (refusal != null) {
        refused.add(new Refused(record, refusal));
      }
    }
    return refused;
  }

  /**
   * The batch is not there, or cannot be opened. A line that says itself what is wrong with it
   * keeps that reason.
   */
  private static List<Refused> allRefused(Step step, AuditException error) {
    List<Refused> all = new ArrayList<>();
    for (int i = 0; i < step.lines().size(); i++) {
      Refusal refusal =
          step.lines().get(i) instanceof Line.Unreadable unreadable
              ? unreadable.refusal()
              : Refusal.of(step.lines().get(i).number(), error.type(), error.detail());
      all.add(new Refused(step.records().get(i), refusal));
    }
    return all;
  }
}
