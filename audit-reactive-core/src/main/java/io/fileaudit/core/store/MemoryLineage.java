package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.Lineage;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.lineage.RunEvent;
import io.fileaudit.core.lineage.RunFacts;
import io.fileaudit.core.lineage.RunPlan;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Reports on the batches of a store in memory. */
final class MemoryLineage implements LineageStore {
  private final MemoryAuditStore store;

  MemoryLineage(MemoryAuditStore store) {
    this.store = store;
  }

  @Override
  public Mono<Decided> report(RunReport report) {
    return Mono.fromSupplier(() -> store.looking(() -> take(report)));
  }

  private Decided take(RunReport report) {
    RunEvent event = report.event();
    Instant now = store.now();
    ReportRules.checkTime(event, now);
    UUID parent = parent(report);
    MemoryBatch present = store.present(report.key());
    MemoryBatch batch = present == null ? open(report, parent) : present;
    if (batch.isKnown(RunPlan.id(event))) {
      return Decided.nothing(store.record(batch));
    }
    describe(batch, event, parent);
    RunFacts before = batch.facts;
    if (before == null || before.run() != batch.state.run()) {
      before = RunFacts.none(batch.state.run());
    }
    RunPlan plan = RunPlan.of(report.chunk(), batch.key, event, batch.state, before, files(batch));
    CommitOutcome outcome = store.doCommit(plan.chunk());
    ReportRules.checkTaken(outcome);
    batch.facts = plan.facts();
    if (plan.wanted() != null) {
      return decide(batch, report, plan, plan.wanted(), now);
    }
    if (!batch.state.status().isOpen()) {
      store.sealed(batch);
    }
    return Decided.nothing(store.record(batch));
  }

  private Decided decide(
      MemoryBatch batch, RunReport report, RunPlan plan, BatchStatus wanted, Instant now) {
    Decide request = ReportRules.decide(report, plan, wanted, batch.state.run());
    DecisionPlan decision =
        DecisionPlan.reported(
            request.wish(),
            batch.spec,
            ReportRules.withOutput(batch.state, (Lineage) plan.report().event()),
            batch.refusals(),
            now);
    if (decision.verdict() == null) {
      ReportRules.checkTaken(store.doCommit(plan.alone(report.alone())));
      return Decided.nothing(store.record(batch));
    }
    store.decide(batch, decision, decision.verdict(), request, now);
    return new Decided(store.record(batch), true, List.of());
  }

  private @Nullable UUID parent(RunReport report) {
    RunEvent.Parent named = report.event().parent();
    if (named == null) {
      return null;
    }
    MemoryBatch present = store.present(new BatchKey(report.namespace(), named.run()));
    BatchSpec spec =
        present == null
            ? store.create(report.opening(named.run(), named.job().spec())).spec
            : present.spec;
    return ReportRules.parent(report.event(), named.run(), spec);
  }

  private MemoryBatch open(RunReport report, @Nullable UUID parent) {
    return store.create(
        report.opening(
            report.event().run(),
            RunPlan.described(report.event().job().spec(), report.event(), parent)));
  }

  private void describe(MemoryBatch batch, RunEvent event, @Nullable UUID parent) {
    BatchSpec described = RunPlan.described(batch.spec, event, parent);
    if (batch.spec.parent() == null && described.parent() != null) {
      store
          .children(batch.key)
          .forEach(child -> child.spec = child.spec.withLoad(child.spec.period(), parent));
    }
    batch.spec = described;
  }

  private static Set<String> files(MemoryBatch batch) {
    return batch.accounts.entrySet().stream()
        .filter(
            entry ->
                entry.getValue().shown() != null
                    && entry.getValue().shown().run() == batch.state.run())
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }
}
