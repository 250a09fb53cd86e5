package io.fileaudit.core.batch;

import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.util.Map;

/**
 * What a change of limits and labels leads to. A pure function of the locked batch; a store only
 * carries it out.
 *
 * @param state the batch afterwards
 * @param labels its labels afterwards
 * @param own the limits asked for afterwards
 * @param limits the limits that hold afterwards
 * @param changed whether anything is different
 */
public record ChangePlan(
    BatchState state, Map<String, String> labels, Limits own, Limits limits, boolean changed) {

  /**
   * Plans a change.
   *
   * @param run the run that is meant, from 1
   * @param inherited the limits of batches that set none: every one of them set
   * @throws AuditException {@code stale-run}, {@code batch-ended}, or {@code invalid-request} where
   *     limits contradict each other or labels are too many
   */
  public static ChangePlan of(int run, BatchChange change, BatchRecord batch, Limits inherited) {
    BatchState state = batch.state();
    if (run != state.run()) {
      throw new AuditException(
          ProblemType.STALE_RUN,
          "the change is for run " + run + ", the present run is " + state.run());
    }
    if (!state.status().isOpen() && state.verdict() != null) {
      throw AuditException.ended(
          "the batch is " + state.status() + "; only an open batch can be changed",
          state.verdict());
    }
    Map<String, String> labels = change.labelled(batch.labels());
    SpecReader.checkLabels(labels);
    Limits own = LimitRules.changed(batch.own(), change.limits());
    Limits limits = change.limits().isEmpty() ? batch.limits() : LimitRules.resolve(own, inherited);
    boolean changed =
        !labels.equals(batch.labels())
            || !own.equals(batch.own())
            || !limits.equals(batch.limits());
    return new ChangePlan(changed ? state.changed() : state, labels, own, limits, changed);
  }
}
