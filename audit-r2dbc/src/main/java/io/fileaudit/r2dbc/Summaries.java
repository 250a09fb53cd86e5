package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.table.FileFigures;
import io.fileaudit.api.table.PeriodSummary;
import io.fileaudit.core.batch.Tally;
import io.fileaudit.core.store.FigureSums;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Counts of a period: each of its batches is looked at once, and of each sub-batch. */
final class Summaries {
  private static final String ROOTS =
      "FROM batch b JOIN batch_state s ON s.namespace = b.namespace AND s.batch = b.id"
          + " WHERE b.parent IS NULL ";

  private static final String SUBS =
      "FROM batch b JOIN batch c ON c.namespace = b.namespace AND c.parent = b.id"
          + " JOIN batch_state s ON s.namespace = c.namespace AND s.batch = c.id"
          + " WHERE b.parent IS NULL ";

  private static final String LOADS =
      "(SELECT DISTINCT ON (s.load_table, s.load_period) s.status "
          + ROOTS
          + "AND s.load_table IS NOT NULL%s ORDER BY s.load_table, s.load_period,"
          + " s.status IN ('PENDING', 'RUNNING') DESC, s.opened_at DESC, s.batch DESC) s";

  private static final String SUMS =
      Stream.of(Tally.Figure.values())
          .map(Tally.Figure::key)
          .map(figure -> "coalesce(sum(t." + figure + "), 0)::bigint AS " + figure)
          .collect(Collectors.joining(", "));

  private static final String FIGURES =
      Stream.of(Tally.Figure.values())
          .map(figure -> figure.key() + " bigint")
          .collect(Collectors.joining(", "));

  private final Database database;
  private final String namespace;
  private final @Nullable String period;

  Summaries(Database database, String namespace, @Nullable String period) {
    this.database = database;
    this.namespace = namespace;
    this.period = period;
  }

  Mono<PeriodSummary> summary() {
    return Mono.zip(byStatus(LOADS), byStatus(ROOTS + "%s"), byStatus(SUBS + "%s"), figures())
        .map(all -> new PeriodSummary(period, all.getT1(), all.getT2(), all.getT3(), all.getT4()));
  }

  private String ofPeriod(Conditions given) {
    return given.when("AND b.namespace = ?", namespace) + given.when("AND b.period = ?", period);
  }

  private record Count(BatchStatus status, long batches) {}

  private Mono<Map<BatchStatus, Long>> byStatus(String of) {
    Conditions given = new Conditions();
    String from = of.formatted(ofPeriod(given));
    String sql =
        "SELECT s.status, count(*) AS batches "
            + (from.startsWith("FROM") ? from : "FROM " + from)
            + " GROUP BY s.status";
    return database
        .read(
            connection ->
                BatchRows.query(
                    given.on(connection, sql),
                    row ->
                        new Count(
                            BatchStatus.valueOf(BatchRows.text(row, "status")),
                            BatchRows.value(row, "batches", Long.class))))
        .collect(
            () -> new EnumMap<BatchStatus, Long>(BatchStatus.class),
            (counts, count) -> counts.put(count.status(), count.batches()))
        .map(counts -> counts);
  }

  private Mono<FileFigures> figures() {
    Conditions given = new Conditions();
    String ofPeriod = ofPeriod(given);
    String sql =
        "SELECT "
            + SUMS
            + " FROM (SELECT s.tally "
            + ROOTS
            + ofPeriod
            + " UNION ALL SELECT s.tally "
            + SUBS
            + ofPeriod
            + ") s CROSS JOIN LATERAL json_to_record(s.tally::json) AS t("
            + FIGURES
            + ")";
    return database
        .read(
            connection ->
                BatchRows.query(
                    given.on(connection, sql),
                    row -> {
                      Map<String, Long> totals = new HashMap<>();
                      for (Tally.Figure figure : Tally.Figure.values()) {
                        totals.put(figure.key(), BatchRows.value(row, figure.key(), Long.class));
                      }
                      FigureSums sums = new FigureSums();
                      sums.add(Tally.fromMap(totals));
                      return sums.figures();
                    }))
        .single();
  }
}
