package io.fileaudit.server.report;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.FileInBatch;
import io.fileaudit.api.file.Finding;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.table.PeriodReport;
import io.fileaudit.api.table.TableAudit;
import io.fileaudit.api.table.TableExpectation;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.life.Batches;
import io.fileaudit.core.store.ExpectationStore;
import io.fileaudit.core.store.FindingQuery;
import io.fileaudit.core.store.HistoryQuery;
import io.fileaudit.core.store.ReportStore;
import io.fileaudit.core.store.TableQuery;
import io.fileaudit.server.file.FindingTable;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Cursor;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Polling;
import io.fileaudit.server.http.Route;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Tells what did not arrive, what failed and why, what was loaded before, and how tables stand. */
public final class ReportCalls {
  private static final char FINDINGS = 'r';
  private static final char HISTORY = 'h';
  private static final char TABLES = 't';
  private static final String OVERDUE = "overdue";
  private static final int PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;
  private static final int LOOKED_AT = 2_000;
  private static final Set<Finding> INDEXED =
      EnumSet.of(Finding.MISSING, Finding.SHORT, Finding.UNFINISHED);
  private static final int LONGEST_NAME = 1_024;

  private final Batches batches;
  private final ReportStore reports;
  private final ExpectationStore expectations;
  private final Polling polling;

  /** Calls about those reports, and what is expected of tables. */
  public ReportCalls(
      Batches batches, ReportStore reports, ExpectationStore expectations, Polling polling) {
    this.expectations = expectations;
    this.batches = batches;
    this.reports = reports;
    this.polling = polling;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.read("/api/v1/batches/{id}/reconciliation", this::reconciliation),
        Route.read("/api/v1/batches/{id}/failures", this::failures),
        Route.read("/api/v1/files", this::history),
        Route.read("/api/v1/tables", this::tables),
        Route.read("/api/v1/tables/{table}/periods/{period}", this::period),
        Route.read("/api/v1/summary", this::summary));
  }

  private Mono<ServerResponse> reconciliation(Call call) {
    BatchKey key = call.batch();
    MediaType wanted = Media.wanted(call, Media.JSON, Media.NDJSON, Media.CSV);
    Parameters given = Parameters.of(call, "finding", "cursor", "page_size");
    int size = (int) given.integer("page_size", 1, LARGEST_PAGE, PAGE);
    String cursor = given.text("cursor");
    FindingQuery query =
        new FindingQuery(
            given.read("finding", Finding::of),
            cursor == null ? null : Cursor.place(FINDINGS, cursor),
            null,
            wanted.equals(Media.JSON) ? size + 1 : Integer.MAX_VALUE);
    return batches
        .find(key)
        .flatMap(
            batch ->
                wanted.equals(Media.JSON)
                    ? findings(batch, query, size).flatMap(Answers::json)
                    : Answers.stream(
                        ServerResponse.ok(),
                        wanted,
                        lines(wanted, reports.findings(batch, query))));
  }

  /**
   * A page of findings. Where each file has to be looked at, it is a page of no more than so many
   * files, of which few or none may differ.
   */
  private Mono<Answers.Page> findings(BatchRecord batch, FindingQuery query, int size) {
    if (query.finding() != null && INDEXED.contains(query.finding())) {
      return reports
          .findings(batch, query)
          .collectList()
          .map(found -> page(found, size, last -> Cursor.of(FINDINGS, last.file())));
    }
    String after = query.after() == null ? "" : query.after();
    return reports
        .fileBehind(batch.key(), after, LOOKED_AT)
        .map(Optional::of)
        .defaultIfEmpty(Optional.empty())
        .flatMap(
            until ->
                reports
                    .findings(batch, query.until(until.orElse(null)))
                    .collectList()
                    .map(
                        found -> {
                          Answers.Page page =
                              page(found, size, last -> Cursor.of(FINDINGS, last.file()));
                          return page.next() != null || until.isEmpty()
                              ? page
                              : new Answers.Page(page.items(), Cursor.of(FINDINGS, until.get()));
                        }));
  }

  private static Flux<byte[]> lines(MediaType wanted, Flux<FileFinding> found) {
    Flux<String> lines =
        wanted.equals(Media.NDJSON)
            ? found.map(finding -> AuditJson.strict().writeValueAsString(finding) + "\n")
            : Flux.concat(Mono.just(FindingTable.HEADER), found.map(FindingTable::line));
    return lines.map(line -> line.getBytes(StandardCharsets.UTF_8));
  }

  private static <T> Answers.Page page(List<T> found, int size, Function<T, String> cursor) {
    List<T> shown = found.subList(0, Math.min(size, found.size()));
    return new Answers.Page(
        shown, found.size() > size ? cursor.apply(shown.get(shown.size() - 1)) : null);
  }

  private Mono<ServerResponse> failures(Call call) {
    BatchKey key = call.batch();
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    return batches
        .find(key)
        .flatMap(batch -> reports.failures(key).collectList())
        .flatMap(groups -> Answers.json(new Answers.Items(groups)));
  }

  private Mono<ServerResponse> history(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters given = Parameters.of(call, "file", "checksum", "cursor", "page_size");
    String file = given.text("file");
    String checksum = given.text("checksum");
    if ((file == null) == (checksum == null)) {
      throw Parameters.refuse("give either file or checksum");
    }
    int size = (int) given.integer("page_size", 1, LARGEST_PAGE, PAGE);
    String cursor = given.text("cursor");
    return reports
        .history(
            call.namespace(),
            new HistoryQuery(
                file, checksum, cursor == null ? null : historyPlace(cursor), size + 1))
        .collectList()
        .flatMap(found -> Answers.json(page(found, size, ReportCalls::historyCursor)));
  }

  private static String historyCursor(FileInBatch last) {
    return Cursor.of(
        HISTORY, new Cursor.Place(last.openedAt(), last.batch(), last.manifest().file()));
  }

  private static HistoryQuery.Place historyPlace(String cursor) {
    Cursor.Place place = Cursor.opened(HISTORY, cursor);
    return new HistoryQuery.Place(place.openedAt(), place.batch(), place.rest());
  }

  private Mono<ServerResponse> tables(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters given = Parameters.of(call, "table", "period", "status", "cursor", "page_size");
    int size = (int) given.integer("page_size", 1, LARGEST_PAGE, PAGE);
    List<String> words = new ArrayList<>(given.list("status"));
    boolean onlyOverdue = words.removeIf(OVERDUE::equalsIgnoreCase) && words.isEmpty();
    boolean wantsOverdue = onlyOverdue || given.list("status").size() != words.size();
    Set<BatchStatus> statuses = EnumSet.noneOf(BatchStatus.class);
    words.forEach(word -> statuses.add(Parameters.read("status", word, BatchStatus::parse)));
    String cursor = given.text("cursor");
    Mono<List<TableAudit>> found =
        onlyOverdue
            ? Mono.just(List.of())
            : reports
                .tables(
                    new TableQuery(
                        call.namespace(),
                        given.text("table"),
                        given.text("period"),
                        statuses,
                        cursor == null ? null : tablePlace(cursor),
                        size + 1))
                .collectList();
    boolean first = cursor == null && (wantsOverdue || words.isEmpty());
    return Mono.zip(found, first ? overdue(call, given) : Mono.just(List.<TableExpectation>of()))
        .flatMap(both -> Answers.json(tablePage(both.getT1(), both.getT2(), size)));
  }

  /** Tables of which nothing may ever have been opened; they come first, on the first page. */
  private Mono<List<TableExpectation>> overdue(Call call, Parameters given) {
    String table = given.text("table");
    return expectations
        .list(call.namespace(), true)
        .filter(one -> table == null || table.equals(one.table()))
        .collectList();
  }

  private static TablePage tablePage(
      List<TableAudit> found, List<TableExpectation> overdue, int size) {
    Answers.Page page = page(found, size, ReportCalls::tableCursor);
    return new TablePage(overdue, page.items(), page.next());
  }

  /**
   * A page of table audits.
   *
   * @param overdue tables that are overdue; only on the first page
   */
  private record TablePage(List<TableExpectation> overdue, List<?> items, @Nullable String next) {}

  private static String tableCursor(TableAudit last) {
    return Cursor.of(TABLES, new Cursor.Place(last.openedAt(), last.batch(), ""));
  }

  private static TableQuery.Place tablePlace(String cursor) {
    Cursor.Place place = Cursor.opened(TABLES, cursor);
    return new TableQuery.Place(place.openedAt(), place.batch());
  }

  /** With {@code wait} the gate of a next step: answered when the load has come to an end. */
  private Mono<ServerResponse> period(Call call) {
    Media.wanted(call, Media.JSON);
    Duration wait = Polling.wait(Parameters.of(call, "wait"));
    String table = named(call, "table");
    String period = named(call, "period");
    Mono<PeriodReport> read = reports.period(call.namespace(), table, period);
    return polling
        .until(read, report -> !report.audit().status().isOpen(), wait)
        .switchIfEmpty(
            Mono.error(
                () ->
                    new AuditException(
                        ProblemType.NOT_FOUND,
                        "no batch of table "
                            + Call.shortened(table)
                            + " and period "
                            + Call.shortened(period))))
        .flatMap(Answers::json);
  }

  private static String named(Call call, String variable) {
    String text = call.request().pathVariable(variable);
    if (text.length() > LONGEST_NAME || text.indexOf('\0') >= 0) {
      throw new AuditException(ProblemType.NOT_FOUND, "no such " + variable);
    }
    return text;
  }

  private Mono<ServerResponse> summary(Call call) {
    Media.wanted(call, Media.JSON);
    String period = Parameters.of(call, "period").text("period");
    return reports.summary(call.namespace(), period).flatMap(Answers::json);
  }
}
