package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Usual;
import io.fileaudit.api.file.FailureGroup;
import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.FileInBatch;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.file.SameContent;
import io.fileaudit.api.table.BatchInHistory;
import io.fileaudit.api.table.FileFigures;
import io.fileaudit.api.table.PeriodReport;
import io.fileaudit.api.table.PeriodSummary;
import io.fileaudit.api.table.TableAudit;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.Reconciliation;
import io.fileaudit.core.batch.Tally;
import io.fileaudit.core.file.FileAccount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reports over the batches of a store in memory, each made of one look at all of them. */
final class MemoryReports implements ReportStore {
  private static final int MOST_HISTORY = 100;
  private static final int MOST_USUAL = 20;

  private static final Comparator<MemoryBatch> NEWEST =
      Comparator.comparing((MemoryBatch batch) -> batch.openedAt)
          .thenComparing(batch -> batch.key.id().toString())
          .reversed();

  private static final Comparator<@Nullable String> ABSENT_LAST =
      Comparator.nullsLast(Comparator.naturalOrder());

  private final MemoryAuditStore store;

  MemoryReports(MemoryAuditStore store) {
    this.store = store;
  }

  private List<MemoryBatch> newest(String namespace) {
    return store.all().stream()
        .filter(batch -> batch.key.namespace().equals(namespace))
        .sorted(NEWEST)
        .toList();
  }

  private <T> Flux<T> reading(java.util.function.Supplier<List<T>> work) {
    return Flux.defer(() -> Flux.fromIterable(store.looking(work)));
  }

  @Override
  public Flux<FileFinding> findings(BatchRecord batch, FindingQuery query) {
    return reading(
        () ->
            store.all().stream()
                .filter(held -> held.key.equals(batch.key()))
                .flatMap(held -> findings(held, query))
                .limit(query.limit())
                .toList());
  }

  private Stream<FileFinding> findings(MemoryBatch batch, FindingQuery query) {
    Reconciliation.Announced announced =
        Reconciliation.Announced.of(batch.spec, batch.state.tally());
    return batch.accounts.entrySet().stream()
        .filter(
            entry ->
                query.after() == null
                    || MemoryBatch.BY_CODE_POINT.compare(entry.getKey(), query.after()) > 0)
        .filter(
            entry ->
                query.until() == null
                    || MemoryBatch.BY_CODE_POINT.compare(entry.getKey(), query.until()) <= 0)
        .map(
            entry ->
                Reconciliation.of(
                    entry.getKey(),
                    entry.getValue(),
                    announced,
                    sameAs(batch, entry.getKey(), entry.getValue())))
        .flatMap(Optional::stream)
        .filter(finding -> query.finding() == null || finding.findings().contains(query.finding()));
  }

  private @Nullable SameContent sameAs(MemoryBatch batch, String file, FileAccount account) {
    String checksum = account.toManifest(file).checksum();
    if (checksum == null || account.state() != FileState.COMPLETED) {
      return null;
    }
    List<MemoryBatch> oldest = new ArrayList<>(newest(batch.key.namespace()));
    java.util.Collections.reverse(oldest);
    for (MemoryBatch other : oldest) {
      boolean earlier =
          batch.spec.table() != null
              && batch.spec.table().equals(other.spec.table())
              && other.openedAt.isBefore(batch.openedAt);
      if (other != batch && !earlier) {
        continue;
      }
      for (Map.Entry<String, FileAccount> entry : other.accounts.entrySet()) {
        boolean itself = other == batch && entry.getKey().equals(file);
        if (!itself
            && entry.getValue().state() == FileState.COMPLETED
            && checksum.equals(entry.getValue().toManifest(entry.getKey()).checksum())) {
          return new SameContent(other.key.id(), entry.getKey());
        }
      }
    }
    return null;
  }

  @Override
  public Mono<String> fileBehind(BatchKey key, String after, int count) {
    return reading(
            () ->
                store.all().stream()
                    .filter(batch -> batch.key.equals(key))
                    .flatMap(batch -> batch.accounts.keySet().stream())
                    .filter(file -> MemoryBatch.BY_CODE_POINT.compare(file, after) > 0)
                    .skip(count - 1)
                    .limit(1)
                    .toList())
        .next();
  }

  @Override
  public Flux<FailureGroup> failures(BatchKey key) {
    return reading(
        () ->
            store.all().stream()
                .filter(batch -> batch.key.equals(key))
                .findFirst()
                .map(MemoryReports::failures)
                .orElse(List.of()));
  }

  private static List<FailureGroup> failures(MemoryBatch batch) {
    Map<@Nullable String, List<Manifest>> byCode = new TreeMap<>(ABSENT_LAST);
    batch.accounts.forEach(
        (file, account) -> {
          Manifest shown = account.toManifest(file);
          if (shown.state() == FileState.FAILED) {
            String code = shown.error() == null ? null : shown.error().code();
            byCode.computeIfAbsent(code, any -> new ArrayList<>()).add(shown);
          }
        });
    List<FailureGroup> groups = new ArrayList<>();
    byCode.forEach((code, files) -> groups.add(group(code, files)));
    groups.sort(Comparator.comparingLong(FailureGroup::files).reversed());
    return groups;
  }

  private static FailureGroup group(@Nullable String code, List<Manifest> files) {
    List<Instant> times =
        files.stream().map(file -> Objects.requireNonNull(file.endedAt())).sorted().toList();
    return new FailureGroup(
        code, files.size(), times.get(0), times.get(times.size() - 1), files.get(0));
  }

  @Override
  public Flux<FileInBatch> history(String namespace, HistoryQuery query) {
    return reading(
        () ->
            newest(namespace).stream()
                .flatMap(batch -> accounts(batch, query))
                .dropWhile(found -> query.after() != null && !isBehind(found, query.after()))
                .limit(query.limit())
                .toList());
  }

  private static boolean isBehind(FileInBatch found, HistoryQuery.Place place) {
    int order = found.openedAt().compareTo(place.openedAt());
    if (order == 0) {
      order = found.batch().toString().compareTo(place.batch().toString());
    }
    return order < 0
        || (order == 0
            && MemoryBatch.BY_CODE_POINT.compare(found.manifest().file(), place.file()) > 0);
  }

  private static Stream<FileInBatch> accounts(MemoryBatch batch, HistoryQuery query) {
    return batch.accounts.entrySet().stream()
        .filter(entry -> query.file() == null || entry.getKey().equals(query.file()))
        .map(entry -> entry.getValue().toManifest(entry.getKey()))
        .filter(shown -> query.checksum() == null || query.checksum().equals(shown.checksum()))
        .map(
            shown ->
                new FileInBatch(
                    batch.key.id(),
                    batch.spec.table(),
                    batch.spec.period(),
                    batch.state.status(),
                    batch.openedAt,
                    shown));
  }

  @Override
  public Mono<Usual> usual(BatchRecord batch) {
    return Mono.fromSupplier(() -> store.looking(() -> usualNow(batch)));
  }

  private @Nullable Usual usualNow(BatchRecord batch) {
    if (batch.spec().parent() != null || batch.spec().table() == null) {
      return null;
    }
    List<MemoryBatch> done =
        newest(batch.key().namespace()).stream()
            .filter(other -> other.spec.parent() == null)
            .filter(other -> batch.spec().table().equals(other.spec.table()))
            .filter(other -> !other.key.equals(batch.key()))
            .filter(other -> other.state.status() == BatchStatus.COMPLETED)
            .filter(other -> other.state.startedAt() != null)
            .limit(MOST_USUAL)
            .toList();
    if (done.isEmpty()) {
      return null;
    }
    double[] seconds = sorted(done, MemoryReports::seconds);
    double[] rows = sorted(done, other -> other.state.tally().get(Tally.Figure.ROWS));
    double[] bytes = sorted(done, other -> other.state.tally().get(Tally.Figure.BYTES));
    return new Usual(
        done.size(),
        percentile(seconds, 0.5),
        percentile(seconds, 0.95),
        percentile(rows, 0.5),
        percentile(rows, 0.95),
        percentile(bytes, 0.5),
        percentile(bytes, 0.95));
  }

  private static double seconds(MemoryBatch batch) {
    Instant started = Objects.requireNonNull(batch.state.startedAt());
    Instant ended = Objects.requireNonNull(batch.state.endedAt());
    return java.time.Duration.between(started, ended).toNanos() / 1e9;
  }

  private static double[] sorted(List<MemoryBatch> batches, ToDoubleFunction<MemoryBatch> figure) {
    return batches.stream().mapToDouble(figure).sorted().toArray();
  }

  private static double percentile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  private record Load(String table, @Nullable String period) {}

  private Map<Load, List<MemoryBatch>> loads(String namespace) {
    Map<Load, List<MemoryBatch>> loads = new LinkedHashMap<>();
    for (MemoryBatch batch : newest(namespace)) {
      if (batch.spec.parent() == null && batch.spec.table() != null) {
        loads
            .computeIfAbsent(
                new Load(batch.spec.table(), batch.spec.period()), any -> new ArrayList<>())
            .add(batch);
      }
    }
    return loads;
  }

  private static TableAudit audit(Load load, List<MemoryBatch> newestFirst) {
    MemoryBatch decides =
        newestFirst.stream()
            .filter(batch -> batch.state.status().isOpen())
            .findFirst()
            .orElse(newestFirst.get(0));
    return new TableAudit(
        load.table(),
        load.period(),
        decides.state.status(),
        decides.key.id(),
        newestFirst.size(),
        decides.openedAt,
        decides.state.startedAt(),
        decides.state.endedAt());
  }

  private static final Comparator<TableAudit> LAST_OPENED =
      Comparator.comparing(TableAudit::openedAt)
          .thenComparing(audit -> audit.batch().toString())
          .reversed();

  @Override
  public Flux<TableAudit> tables(TableQuery query) {
    return reading(
        () ->
            loads(query.namespace()).entrySet().stream()
                .map(entry -> audit(entry.getKey(), entry.getValue()))
                .filter(audit -> query.table() == null || query.table().equals(audit.table()))
                .filter(audit -> query.period() == null || query.period().equals(audit.period()))
                .filter(
                    audit ->
                        query.statuses().isEmpty() || query.statuses().contains(audit.status()))
                .sorted(LAST_OPENED)
                .filter(audit -> query.after() == null || isBehind(audit, query.after()))
                .limit(query.limit())
                .toList());
  }

  private static boolean isBehind(TableAudit audit, TableQuery.Place place) {
    int order = audit.openedAt().compareTo(place.openedAt());
    return order < 0
        || (order == 0 && audit.batch().toString().compareTo(place.batch().toString()) < 0);
  }

  @Override
  public Mono<PeriodReport> period(String namespace, String table, String period) {
    return Mono.fromSupplier(
        () ->
            store.looking(
                () -> {
                  Load load = new Load(table, period);
                  List<MemoryBatch> roots = loads(namespace).get(load);
                  return roots == null ? null : report(load, roots);
                }));
  }

  private PeriodReport report(Load load, List<MemoryBatch> roots) {
    Map<String, FileAccount> newest = new LinkedHashMap<>();
    for (MemoryBatch batch : newest(roots.get(0).key.namespace())) {
      boolean belongs =
          roots.contains(batch)
              || roots.stream().anyMatch(root -> root.key.id().equals(batch.spec.parent()));
      if (belongs) {
        batch.accounts.forEach(newest::putIfAbsent);
      }
    }
    return new PeriodReport(
        audit(load, roots),
        figures(newest),
        roots.stream().limit(MOST_HISTORY).map(MemoryReports::inHistory).toList());
  }

  private static BatchInHistory inHistory(MemoryBatch batch) {
    return new BatchInHistory(
        batch.key.id(),
        batch.spec.name(),
        batch.state.status(),
        batch.state.run(),
        batch.openedAt,
        batch.state.endedAt());
  }

  private static FileFigures figures(Map<String, FileAccount> accounts) {
    Map<FileState, Long> states = new EnumMap<>(FileState.class);
    long rows = 0;
    long rejectedRows = 0;
    long bytes = 0;
    for (Map.Entry<String, FileAccount> entry : accounts.entrySet()) {
      Manifest shown = entry.getValue().toManifest(entry.getKey());
      states.merge(shown.state(), 1L, Long::sum);
      if (shown.state() == FileState.COMPLETED) {
        rows += orZero(shown.rows());
        rejectedRows += orZero(shown.rejectedRows());
        bytes += orZero(shown.bytes());
      }
    }
    return FigureSums.of(states, rows, rejectedRows, bytes);
  }

  private static long orZero(@Nullable Long value) {
    return value == null ? 0 : value;
  }

  @Override
  public Mono<PeriodSummary> summary(String namespace, @Nullable String period) {
    return Mono.fromSupplier(() -> store.looking(() -> summed(namespace, period)));
  }

  private PeriodSummary summed(String namespace, @Nullable String period) {
    Map<BatchStatus, Long> tables = new EnumMap<>(BatchStatus.class);
    loads(namespace)
        .forEach(
            (load, roots) -> {
              if (period == null || period.equals(load.period())) {
                tables.merge(audit(load, roots).status(), 1L, Long::sum);
              }
            });
    List<MemoryBatch> roots =
        newest(namespace).stream()
            .filter(batch -> batch.spec.parent() == null)
            .filter(batch -> period == null || period.equals(batch.spec.period()))
            .toList();
    List<MemoryBatch> subs =
        newest(namespace).stream()
            .filter(
                batch -> roots.stream().anyMatch(root -> root.key.id().equals(batch.spec.parent())))
            .toList();
    FigureSums sums = new FigureSums();
    Stream.concat(roots.stream(), subs.stream()).forEach(batch -> sums.add(batch.state.tally()));
    return new PeriodSummary(period, tables, byStatus(roots), byStatus(subs), sums.figures());
  }

  private static Map<BatchStatus, Long> byStatus(Collection<MemoryBatch> batches) {
    Map<BatchStatus, Long> counts = new EnumMap<>(BatchStatus.class);
    batches.forEach(batch -> counts.merge(batch.state.status(), 1L, Long::sum));
    return counts;
  }
}
