package io.fileaudit.core.lineage;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.EventError;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.EventWriter;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.event.Lineage;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.api.json.Utf8Output;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.Line;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a report on a run: events of its files, an ending, and what is known of the run
 * afterwards. A pure function of the locked batch; a store only carries it out.
 *
 * <p>Every file of the run gets every ending of the run, whichever was reported first: an ending
 * that comes goes to the files that are known, and a file that comes gets the endings that are. So
 * the account is the same for any order of reports.
 *
 * @param facts what is known of the run afterwards
 * @param chunk what is committed to the batch
 * @param report the report as a line of the ledger: the row of the decision where one is made, else
 *     a row of its own
 * @param wanted the status to decide on once the chunk is committed, which then is without the
 *     report; null where nothing is
 */
public record RunPlan(
    RunFacts facts, Chunk chunk, Line.Readable report, @Nullable BatchStatus wanted) {
  /** The error code of a file whose run failed. */
  public static final String FAILED = "run-failed";

  /** Whether {@link #of} needs the files of the run. */
  public static boolean needsFiles(RunEvent event, RunFacts before) {
    return givesEnding(event.state())
        || before.endings().keySet().stream().anyMatch(RunPlan::givesEnding);
  }

  private static boolean givesEnding(RunState state) {
    return state == RunState.COMPLETE || state == RunState.FAIL;
  }

  /**
   * Plans what becomes of a report.
   *
   * @param id names the chunk
   * @param key the batch
   * @param state the batch under its lock
   * @param before what was known of the run
   * @param files the files of which something was heard in this run, where {@link #needsFiles}
   * @throws AuditException {@code invalid-event} where the figures of the run's outputs are too
   *     much
   */
  public static RunPlan of(
      UUID id, BatchKey key, RunEvent event, BatchState state, RunFacts before, Set<String> files) {
    RunFacts facts = before.with(event);
    checkOutput("rows", facts.outputRows());
    checkOutput("bytes", facts.outputBytes());
    BatchStatus ending = event.state().ending();
    boolean decides = ending != null && DecisionPlan.isGraver(ending, state.status());
    BatchStatus wanted = decides ? ending : facts.isComplete() ? again(state.status()) : null;
    List<FileEvent> events = new ArrayList<>();
    if (event.state() != RunState.OTHER) {
      event.inputs().forEach(input -> events.add(own(event, input)));
    }
    if (givesEnding(event.state()) && !before.endings().containsKey(event.state())) {
      Set<String> named = event.inputs().stream().map(RunDataset::file).collect(Collectors.toSet());
      files.stream()
          .filter(file -> !named.contains(file))
          .sorted()
          .forEach(file -> events.add(ended(event.state(), file, event.at(), event.error())));
    }
    if (event.state() != RunState.OTHER) {
      event.inputs().stream()
          .map(RunDataset::file)
          .filter(file -> !files.contains(file))
          .forEach(
              file ->
                  before
                      .endings()
                      .forEach(
                          (known, said) -> {
                            if (givesEnding(known) && known != event.state()) {
                              events.add(ended(known, file, said.at(), said.error()));
                            }
                          }));
    }
    List<Line> lines = new ArrayList<>();
    events.forEach(one -> lines.add(line(lines.size() + 1L, one)));
    Line.Readable report = report(lines.size() + 1L, event, facts);
    if (wanted == null) {
      lines.add(report);
    }
    return new RunPlan(
        facts, new Chunk(id, key, state.run(), null, lines, Chunk.Kind.REPORT), report, wanted);
  }

  private static void checkOutput(String figure, long sum) {
    if (sum > CanonicalJson.MAX_INTEGER) {
      throw new AuditException(
          ProblemType.INVALID_EVENT,
          "with these outputs the " + figure + " of all outputs of the run would exceed 2^53−1");
    }
  }

  /** What completed is judged again by what comes late. */
  private static @Nullable BatchStatus again(BatchStatus present) {
    return DecisionPlan.mayDecide(BatchStatus.COMPLETED, present) && !present.isOpen()
        ? BatchStatus.COMPLETED
        : null;
  }

  /** The report as a chunk of its own, where it turned out to decide nothing. */
  public Chunk alone(UUID id) {
    return new Chunk(id, chunk.batch(), chunk.run(), null, List.of(report), Chunk.Kind.REPORT);
  }

  /** What the report itself says of an input. */
  private static FileEvent own(RunEvent event, RunDataset input) {
    FileEvent.Builder said =
        switch (event.state()) {
          case START -> FileEvent.of(EventType.STARTED, input.file());
          case COMPLETE -> FileEvent.of(EventType.COMPLETED, input.file());
          case FAIL -> FileEvent.of(EventType.FAILED, input.file()).error(error(event.error()));
          case RUNNING, ABORT, OTHER -> FileEvent.of(EventType.PROGRESS, input.file());
        };
    boolean isOnlyInput = event.state() == RunState.COMPLETE && event.inputs().size() == 1;
    return said.at(event.at())
        .rows(input.rows() == null && isOnlyInput ? written(event) : input.rows())
        .bytes(input.bytes())
        .build();
  }

  /** What became of the only input of a run, where its outputs say how many rows they got. */
  private static @Nullable Long written(RunEvent event) {
    Long sum = null;
    for (RunDataset output : event.outputs()) {
      if (output.rows() != null) {
        sum = (sum == null ? 0 : sum) + output.rows();
      }
    }
    return sum == null || sum > CanonicalJson.MAX_INTEGER ? null : sum;
  }

  private static FileEvent ended(RunState ending, String file, Instant at, @Nullable String error) {
    return ending == RunState.FAIL
        ? FileEvent.of(EventType.FAILED, file).error(error(error)).at(at).build()
        : FileEvent.of(EventType.COMPLETED, file).at(at).build();
  }

  private static EventError error(@Nullable String message) {
    return new EventError(FAILED, message, null, null);
  }

  private static Line.Readable line(long number, FileEvent event) {
    Utf8Output out = new Utf8Output(256);
    EventWriter.write(event, out);
    return new Line.Readable(number, event, out.toBytes());
  }

  private static Line.Readable report(long number, RunEvent event, RunFacts facts) {
    Lineage said =
        new Lineage(
            event.state().name(), facts.outputRows(), facts.outputBytes(), event.at(), id(event));
    Map<String, Object> fields = new TreeMap<>();
    fields.put("type", EventType.LINEAGE.name());
    fields.put("state", said.state());
    fields.put("at", event.at().toString());
    fields.put("id", id(event));
    fields.put("job", event.job().name());
    fields.put("job_namespace", event.job().namespace());
    fields.put("output_rows", said.outputRows());
    fields.put("output_bytes", said.outputBytes());
    return new Line.Readable(
        number, said, CanonicalJson.text(fields).getBytes(StandardCharsets.UTF_8));
  }

  /** The key under which the ledger knows a report. */
  public static String id(RunEvent event) {
    return "openlineage:sha256:" + event.hash();
  }

  /**
   * How a batch is opened by a report, or what it becomes by one that says more than those before:
   * of two periods the least, and of parents the first.
   *
   * @param parent the batch that it is to be a sub-batch of
   */
  public static BatchSpec described(BatchSpec spec, RunEvent event, @Nullable UUID parent) {
    String period = event.period();
    String present = spec.period();
    return spec.withLoad(
        present == null || (period != null && period.compareTo(present) < 0) ? period : present,
        spec.parent() == null ? parent : spec.parent());
  }
}
