package io.fileaudit.core.lineage;

import io.fileaudit.api.json.AuditJson;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What all reports on a run together say of the run itself. It is joined like the account of a
 * file: any order and repetition of the reports gives the same.
 *
 * @param run the batch's run that they are about
 * @param endings how the run was said to end
 * @param outputs what it writes, by name, at most {@link #MOST_OUTPUTS}
 */
public record RunFacts(int run, Map<RunState, Said> endings, Map<String, RunDataset> outputs) {
  /** The most outputs that are kept; of more, those of the least names. */
  public static final int MOST_OUTPUTS = 1_000;

  /**
   * That a run ended.
   *
   * @param at when, by the reporter's clock
   * @param error what went wrong, in words
   */
  public record Said(Instant at, @Nullable String error) {
    private Said earlier(Said other) {
      return other.at.isBefore(at) ? other : this;
    }
  }

  public RunFacts {
    endings = Map.copyOf(endings);
    outputs = Map.copyOf(outputs);
  }

  /** Of a run of which nothing was reported yet. */
  public static RunFacts none(int run) {
    return new RunFacts(run, Map.of(), Map.of());
  }

  /** What was kept by {@link #json}. */
  public static RunFacts read(String json) {
    return AuditJson.lenient().readValue(json, RunFacts.class);
  }

  /** For a store to keep. */
  public String json() {
    return AuditJson.lenient().writeValueAsString(this);
  }

  /** With what one more report says. */
  public RunFacts with(RunEvent event) {
    Map<RunState, Said> ended = new TreeMap<>(endings);
    if (event.state().ending() != null) {
      ended.merge(event.state(), new Said(event.at(), event.error()), Said::earlier);
    }
    TreeMap<String, RunDataset> written = new TreeMap<>(outputs);
    if (event.state() != RunState.OTHER) {
      event.outputs().forEach(output -> written.merge(output.file(), output, RunDataset::join));
    }
    while (written.size() > MOST_OUTPUTS) {
      written.pollLastEntry();
    }
    return new RunFacts(run, ended, written);
  }

  /** Whether the run ended well, as far as is known. */
  boolean isComplete() {
    return endings.containsKey(RunState.COMPLETE) && endings.size() == 1;
  }

  /** The rows of all outputs together, once the run has ended well; else 0. */
  long outputRows() {
    return sum(RunDataset::rows);
  }

  /** The bytes of all outputs together, once the run has ended well; else 0. */
  long outputBytes() {
    return sum(RunDataset::bytes);
  }

  private long sum(Function<RunDataset, @Nullable Long> figure) {
    if (!isComplete()) {
      return 0;
    }
    long sum = 0;
    for (RunDataset output : outputs.values()) {
      Long value = figure.apply(output);
      sum += value == null ? 0 : value;
    }
    return sum;
  }
}
