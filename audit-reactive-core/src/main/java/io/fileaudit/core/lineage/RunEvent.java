package io.fileaudit.core.lineage;

import io.fileaudit.api.batch.BatchSpec;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A report on a run, as far as it is about its files.
 *
 * @param run the run, which is the batch
 * @param state what it says of the run's life
 * @param at when that was, by the reporter's clock
 * @param job what is run
 * @param inputs what the run reads, each once
 * @param outputs what the run writes, each once
 * @param error what went wrong, in words
 * @param period what the run is for
 * @param parent the run that it is a part of
 * @param hash names the report: SHA-256 of its canonical form, in hexadecimal digits
 * @see <a href="https://openlineage.io/spec/2-0-2/OpenLineage.json">OpenLineage 2-0-2</a>
 */
public record RunEvent(
    UUID run,
    RunState state,
    Instant at,
    Job job,
    List<RunDataset> inputs,
    List<RunDataset> outputs,
    @Nullable String error,
    @Nullable String period,
    @Nullable Parent parent,
    String hash) {
  private static final int MAX_TEXT_CHARACTERS = 200;
  private static final String NAMESPACE_LABEL = "job_namespace";

  public RunEvent {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * What is run.
   *
   * @param namespace whose it is, for whoever reports
   * @param name its name there
   */
  public record Job(String namespace, String name) {
    /** How a batch is opened that is a run of it. */
    public BatchSpec spec() {
      String called = shortened(name);
      return BatchSpec.builder()
          .name(called)
          .table(called)
          .label(NAMESPACE_LABEL, shortened(namespace))
          .build();
    }

    private static String shortened(String text) {
      return text.codePointCount(0, text.length()) <= MAX_TEXT_CHARACTERS
          ? text
          : text.substring(0, text.offsetByCodePoints(0, MAX_TEXT_CHARACTERS - 1)) + "…";
    }
  }

  /**
   * A run that others are a part of.
   *
   * @param run the run
   * @param job what it runs
   */
  public record Parent(UUID run, Job job) {}
}
