package io.fileaudit.server.expectation;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.api.table.NewExpectation;
import io.fileaudit.core.access.Scope;
import io.fileaudit.core.json.SentJson;
import io.fileaudit.core.store.ExpectationStore;
import io.fileaudit.core.store.Schedule;
import io.fileaudit.server.http.Answers;
import io.fileaudit.server.http.Body;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Media;
import io.fileaudit.server.http.Parameters;
import io.fileaudit.server.http.Route;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Sets, shows and takes away when batches of a table are due. */
public final class ExpectationCalls {
  private static final String ONE = "/api/v1/expectations/{table}";
  private static final int MOST_BYTES = 16 * 1024;
  private static final int LONGEST_TEXT = 200;
  private static final Duration LONGEST_GRACE = Duration.ofDays(366);

  private final ExpectationStore store;

  /** Calls about the expectations in that store. */
  public ExpectationCalls(ExpectationStore store) {
    this.store = store;
  }

  /** The routes of this class. */
  public List<Route> routes() {
    return List.of(
        Route.read("/api/v1/expectations", this::list),
        Route.read(ONE, this::show),
        new Route(HttpMethod.PUT, ONE, Set.of(Scope.OPERATE), this::put),
        new Route(HttpMethod.DELETE, ONE, Set.of(Scope.OPERATE), this::remove));
  }

  private Mono<ServerResponse> list(Call call) {
    Media.wanted(call, Media.JSON);
    Boolean overdue = Parameters.of(call, "overdue").flag("overdue");
    return store
        .list(call.namespace(), overdue)
        .collectList()
        .flatMap(all -> Answers.json(new Answers.Items(all)));
  }

  private Mono<ServerResponse> show(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    String table = table(call);
    return store
        .find(call.namespace(), table)
        .switchIfEmpty(Mono.error(() -> unknown(table)))
        .flatMap(Answers::json);
  }

  private Mono<ServerResponse> put(Call call) {
    Media.wanted(call, Media.JSON);
    Parameters.none(call);
    String table = table(call);
    return Body.json(call, MOST_BYTES)
        .map(json -> SentJson.read(json, NewExpectation.class))
        .map(ExpectationCalls::complete)
        .flatMap(
            wanted ->
                store.put(
                    call.namespace(), table, wanted, call.principal().name(), schedule(wanted)))
        .flatMap(Answers::json);
  }

  private Mono<ServerResponse> remove(Call call) {
    Parameters.none(call);
    String table = table(call);
    return store
        .remove(call.namespace(), table)
        .flatMap(
            removed -> removed ? ServerResponse.noContent().build() : Mono.error(unknown(table)));
  }

  private static String table(Call call) {
    String table = call.request().pathVariable("table");
    if (table.codePointCount(0, table.length()) > LONGEST_TEXT || table.indexOf('\0') >= 0) {
      throw unknown(Call.shortened(table));
    }
    return table;
  }

  private static AuditException unknown(String table) {
    return new AuditException(ProblemType.NOT_FOUND, "nothing is expected of table " + table);
  }

  private static NewExpectation complete(NewExpectation sent) {
    String schedule = sent.schedule();
    if (schedule == null || schedule.length() > LONGEST_TEXT) {
      throw invalid("schedule is missing or longer than " + LONGEST_TEXT + " characters");
    }
    Duration grace = sent.grace() == null ? Duration.ZERO : sent.grace();
    if (grace.isNegative() || grace.compareTo(LONGEST_GRACE) > 0) {
      throw invalid("grace is " + grace + ", expected PT0S to " + LONGEST_GRACE);
    }
    NewExpectation complete =
        new NewExpectation(schedule.strip(), sent.zone() == null ? "UTC" : sent.zone(), grace);
    schedule(complete);
    return complete;
  }

  private static Schedule schedule(NewExpectation complete) {
    try {
      return Schedules.of(
          Objects.requireNonNull(complete.schedule()), Objects.requireNonNull(complete.zone()));
    } catch (IllegalArgumentException e) {
      throw invalid(String.valueOf(e.getMessage()));
    }
  }

  private static AuditException invalid(String detail) {
    return new AuditException(ProblemType.INVALID_REQUEST, detail);
  }
}
