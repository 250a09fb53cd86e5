package io.fileaudit.core.store;

import static io.fileaudit.api.batch.BatchStatus.CANCELLED;
import static io.fileaudit.api.batch.BatchStatus.COMPLETED;
import static io.fileaudit.api.batch.BatchStatus.FAILED;
import static io.fileaudit.api.batch.BatchStatus.PENDING;
import static io.fileaudit.api.batch.BatchStatus.RUNNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitAction;
import io.fileaudit.api.batch.LimitName;
import io.fileaudit.api.batch.Limits;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.json.AuditJson;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchRecord;
import io.fileaudit.core.batch.LimitRules;
import io.fileaudit.core.lineage.RunDataset;
import io.fileaudit.core.lineage.RunEvent;
import io.fileaudit.core.lineage.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** What every store does with reports on batches as runs. */
public abstract class LineageContract implements StoreContract {
  private static final Instant AT = Instant.parse("2026-11-01T10:00:00Z");
  private static final RunEvent.Job JOB = new RunEvent.Job("airflow", "load_empresa");
  private static final Limits OWN =
      Limits.INHERITED.with(LimitName.IDLE, new Limit(null, LimitAction.FLAG));

  private final AtomicInteger hashes = new AtomicInteger();
  private StoreDriver driver;

  /** The part of the store under test that takes reports. */
  protected abstract LineageStore lineage();

  /** The evidence of the store under test. */
  protected abstract EvidenceStore evidence();

  @BeforeEach
  void begin() {
    driver = driver();
  }

  /** Collects a report on a run. */
  private final class Said {
    private final UUID run;
    private final RunState state;
    private final List<RunDataset> inputs = new ArrayList<>();
    private final List<RunDataset> outputs = new ArrayList<>();
    private final String hash = String.format("%064x", hashes.incrementAndGet());
    private Instant at = AT;
    private String error;
    private String period;
    private RunEvent.Parent parent;

    private Said(UUID run, RunState state) {
      this.run = run;
      this.state = state;
    }

    private Said reads(String file, Long rows, Long bytes) {
      inputs.add(new RunDataset(file, rows, bytes));
      return this;
    }

    private Said writes(String file, Long rows, Long bytes) {
      outputs.add(new RunDataset(file, rows, bytes));
      return this;
    }

    private Said at(int second) {
      at = AT.plusSeconds(second);
      return this;
    }

    private Said error(String message) {
      error = message;
      return this;
    }

    private Said period(String value) {
      period = value;
      return this;
    }

    private Said below(UUID of) {
      parent = new RunEvent.Parent(of, new RunEvent.Job("airflow", "whole_load"));
      return this;
    }

    private RunEvent event() {
      return new RunEvent(run, state, at, JOB, inputs, outputs, error, period, parent, hash);
    }
  }

  private Said said(UUID run, RunState state) {
    return new Said(run, state);
  }

  private RunReport reportOf(RunEvent event) {
    return new RunReport(
        driver.namespace,
        event,
        OWN,
        LimitRules.resolve(OWN, LimitRules.DEFAULTS),
        UUID.randomUUID(),
        UUID.randomUUID(),
        StoreDriver.BY,
        StoreDriver.NODE);
  }

  private Decided tell(Said said) {
    return driver.answer(lineage().report(reportOf(said.event())));
  }

  private void tellAll(List<Said> all) {
    all.forEach(this::tell);
  }

  private BatchKey key(UUID run) {
    return new BatchKey(driver.namespace, run);
  }

  private Snapshot snapshot(UUID run) {
    return driver.snapshot(key(run));
  }

  private List<Manifest> files(UUID run) {
    return driver.files(key(run));
  }

  /** All that people see of a batch but for the times at which the service heard of it. */
  private List<Object> account(UUID run) {
    Snapshot now = snapshot(run);
    List<Object> account = new ArrayList<>();
    account.add(now.status());
    account.add(now.run());
    account.add(List.of(String.valueOf(now.table()), String.valueOf(now.period())));
    account.add(String.valueOf(now.parent()));
    account.add(now.labels());
    account.add(now.totals());
    account.add(now.startedAt() != null);
    account.add(files(run));
    return account;
  }

  static <T> List<List<T>> permutations(List<T> of) {
    if (of.isEmpty()) {
      return List.of(List.of());
    }
    List<List<T>> all = new ArrayList<>();
    for (int i = 0; i < of.size(); i++) {
      List<T> rest = new ArrayList<>(of);
      T first = rest.remove(i);
      for (List<T> tail : permutations(rest)) {
        List<T> one = new ArrayList<>(List.of(first));
        one.addAll(tail);
        all.add(one);
      }
    }
    return all;
  }

  /** Tells a story in every order and each part twice, and checks that it always ends alike. */
  private List<Object> inEveryOrder(Function<UUID, List<Said>> story) {
    Set<List<Object>> accounts = new HashSet<>();
    int length = story.apply(UUID.randomUUID()).size();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      places.add(i);
    }
    for (List<Integer> order : permutations(places)) {
      UUID run = UUID.randomUUID();
      List<Said> parts = story.apply(run);
      for (int place : order) {
        tell(parts.get(place));
        tell(parts.get(place));
      }
      accounts.add(account(run));
      assertThat(driver.find(key(run)).state().tree())
          .isEqualTo(StoreDriver.treeOf(driver.ledger(key(run))));
      tellAll(parts);
      accounts.add(account(run));
    }
    assertThat(accounts).hasSize(1);
    return accounts.iterator().next();
  }

  private static Map<String, FileState> states(List<Manifest> files) {
    return files.stream().collect(Collectors.toMap(Manifest::file, Manifest::state));
  }

  @Test
  void runBecomesABatchThatStartsAndCompletes() {
    UUID run = UUID.randomUUID();

    assertThat(tell(said(run, RunState.START).reads("s3://b/a.csv", null, null)).changed())
        .isFalse();
    Snapshot started = snapshot(run);
    assertThat(started.status()).isEqualTo(RUNNING);
    assertThat(started.name()).isEqualTo("load_empresa");
    assertThat(started.table()).isEqualTo("load_empresa");
    assertThat(started.labels()).isEqualTo(Map.of("job_namespace", "airflow"));
    assertThat(states(files(run))).isEqualTo(Map.of("s3://b/a.csv", FileState.RUNNING));

    Decided ended = tell(said(run, RunState.COMPLETE).at(60).reads("s3://b/a.csv", 100L, 2048L));

    assertThat(ended.changed()).isTrue();
    assertThat(ended.batch().state().status()).isEqualTo(COMPLETED);
    Snapshot completed = snapshot(run);
    assertThat(completed.verdict().by()).isEqualTo(StoreDriver.BY);
    assertThat(completed.totals().rows()).isEqualTo(100);
    assertThat(completed.totals().bytes()).isEqualTo(2048);
    assertThat(completed.totals().files().completed()).isEqualTo(1);
    assertThat(completed.totals().events()).isEqualTo(3);
  }

  @Test
  void anyOrderAndRepetitionGivesTheSameAccount() {
    List<Object> account =
        inEveryOrder(
            run ->
                List.of(
                    said(run, RunState.START)
                        .reads("a", null, null)
                        .reads("b", 3L, null)
                        .period("2025-02"),
                    said(run, RunState.RUNNING).at(5).reads("a", 5L, 50L).writes("t", 7L, 70L),
                    said(run, RunState.OTHER).at(6).reads("not a file", 9L, 9L),
                    said(run, RunState.COMPLETE)
                        .at(10)
                        .reads("a", 10L, 100L)
                        .writes("t", 40L, 400L)));

    assertThat(account.get(0)).isEqualTo(COMPLETED);
  }

  @Test
  void graverEndingStandsInAnyOrder() {
    List<Object> account =
        inEveryOrder(
            run ->
                List.of(
                    said(run, RunState.START).reads("a", null, null),
                    said(run, RunState.COMPLETE).at(10).reads("b", 10L, 100L).writes("t", 99L, 1L),
                    said(run, RunState.OTHER).at(11),
                    said(run, RunState.FAIL).at(12).error("disk full")));

    assertThat(account.get(0)).isEqualTo(FAILED);
  }

  @Test
  void abortStandsAgainstCompletionInAnyOrder() {
    List<Object> account =
        inEveryOrder(
            run ->
                List.of(
                    said(run, RunState.START).reads("a", 1L, 1L),
                    said(run, RunState.COMPLETE).at(10),
                    said(run, RunState.ABORT).at(12)));

    assertThat(account.get(0)).isEqualTo(CANCELLED);
  }

  @Test
  void failureIsThatOfEveryFile() {
    UUID run = UUID.randomUUID();

    tell(said(run, RunState.START).reads("a", null, null).reads("b", null, null));
    tell(said(run, RunState.FAIL).at(9).reads("b", 4L, null).error("disk full"));

    assertThat(snapshot(run).status()).isEqualTo(FAILED);
    assertThat(snapshot(run).verdict().message()).isEqualTo("disk full");
    assertThat(files(run)).extracting(Manifest::state).containsOnly(FileState.FAILED);
    assertThat(files(run)).allMatch(file -> file.error().message().equals("disk full"));
    assertThat(files(run)).allMatch(file -> "run-failed".equals(file.error().code()));
  }

  @Test
  void annotationChangesNothingButTheLedger() {
    UUID run = UUID.randomUUID();

    tell(said(run, RunState.OTHER).reads("a", 1L, 1L));

    Snapshot now = snapshot(run);
    assertThat(now.status()).isEqualTo(PENDING);
    assertThat(now.startedAt()).isNull();
    assertThat(now.lastActivityAt()).isNull();
    assertThat(files(run)).isEmpty();
    assertThat(driver.ledger(key(run))).hasSize(1);
  }

  @Test
  void startWithoutFilesStartsTheBatch() {
    UUID run = UUID.randomUUID();

    tell(said(run, RunState.START));

    assertThat(snapshot(run).status()).isEqualTo(RUNNING);
    assertThat(snapshot(run).startedAt()).isNotNull();
  }

  @Test
  void outputsCountWhereFilesSayLess() {
    UUID silent = UUID.randomUUID();
    tell(said(silent, RunState.START).reads("a", null, null).reads("b", null, null));
    tell(said(silent, RunState.RUNNING).at(1).writes("t", 30L, 300L));
    assertThat(snapshot(silent).totals().rows()).isZero();
    tell(said(silent, RunState.COMPLETE).at(2).writes("t", 90L, 900L).writes("u", 10L, null));

    UUID telling = UUID.randomUUID();
    tell(said(telling, RunState.COMPLETE).reads("a", 100L, 5L).writes("t", 97L, 900L));

    UUID only = UUID.randomUUID();
    tell(said(only, RunState.COMPLETE).reads("a", null, null).writes("t", 97L, 900L));

    assertThat(snapshot(silent).totals().rows()).isEqualTo(100);
    assertThat(snapshot(silent).totals().bytes()).isEqualTo(900);
    assertThat(snapshot(telling).totals().rows()).isEqualTo(100);
    assertThat(snapshot(telling).totals().bytes()).isEqualTo(900);
    assertThat(files(only)).extracting(Manifest::rows).containsExactly(97L);
    assertThat(snapshot(only).totals().rows()).isEqualTo(97);
  }

  @Test
  void partOfARunIsASubBatchWhicheverCameFirst() {
    for (boolean parentFirst : List.of(true, false)) {
      UUID whole = UUID.randomUUID();
      UUID part = UUID.randomUUID();
      List<Said> told = new ArrayList<>();
      told.add(said(part, RunState.START).below(whole).reads("a", null, null));
      told.add(parentFirst ? 0 : 1, said(whole, RunState.START));
      tellAll(told);

      assertThat(snapshot(part).parent()).isEqualTo(whole);
      assertThat(snapshot(whole).status()).isEqualTo(RUNNING);
      assertThat(snapshot(whole).parent()).isNull();
      assertThat(snapshot(whole).totals().files().running()).isEqualTo(1);
    }
  }

  @Test
  void partsOfPartsComeUnderTheOutermostRun() {
    List<List<Object>> seen = new ArrayList<>();
    for (List<Integer> order : permutations(List.of(0, 1, 2))) {
      UUID whole = UUID.randomUUID();
      UUID part = UUID.randomUUID();
      UUID piece = UUID.randomUUID();
      List<Said> story =
          List.of(
              said(whole, RunState.START),
              said(part, RunState.START).below(whole),
              said(piece, RunState.START).below(part));
      order.forEach(place -> tell(story.get(place)));
      seen.add(
          List.of(
              snapshot(whole).parent() == null,
              whole.equals(snapshot(part).parent()),
              whole.equals(snapshot(piece).parent())));
    }

    assertThat(seen).containsOnly(List.of(true, true, true));
  }

  @Test
  void runsEndForThemselvesAlone() {
    UUID whole = UUID.randomUUID();
    UUID part = UUID.randomUUID();
    tell(said(part, RunState.START).below(whole));

    tell(said(whole, RunState.FAIL));
    assertThat(snapshot(part).status()).isEqualTo(RUNNING);
    tell(said(part, RunState.COMPLETE).at(1).below(whole));

    assertThat(snapshot(whole).status()).isEqualTo(FAILED);
    assertThat(snapshot(part).status()).isEqualTo(COMPLETED);
  }

  @Test
  void whatIsSaidLateOfPeriodAndParentIsAdded() {
    UUID whole = UUID.randomUUID();
    UUID run = UUID.randomUUID();
    tell(said(run, RunState.START));
    assertThat(snapshot(run).period()).isNull();

    tell(said(run, RunState.COMPLETE).at(1).period("2025-02").below(whole));

    assertThat(snapshot(run).period()).isEqualTo("2025-02");
    assertThat(snapshot(run).parent()).isEqualTo(whole);
    assertThat(
            driver.all(
                driver.store.list(
                    new BatchQuery(
                        driver.namespace, Set.of(), null, null, Map.of(), whole, null, null, 9))))
        .extracting(BatchRecord::key)
        .containsExactly(key(run));
  }

  @Test
  void completionIsJudgedByAllThatIsKnownInAnyOrder() {
    for (Expected expected :
        List.of(
            Expected.files(2),
            new Expected(null, null, List.of(new ExpectedFile("a", 5L, null, null))))) {
      List<Object> account =
          inEveryOrder(
              run -> {
                BatchSpec spec = BatchSpec.builder().table("t").expected(expected).build();
                if (driver.all(driver.store.find(key(run)).flux()).isEmpty()) {
                  driver.open(key(run), spec);
                }
                return List.of(
                    said(run, RunState.START).reads("a", null, null).reads("b", null, null),
                    said(run, RunState.RUNNING).at(1).reads("a", 5L, null),
                    said(run, RunState.COMPLETE).at(2).reads("b", 1L, null));
              });
      assertThat(account.get(0)).isEqualTo(COMPLETED);
    }
  }

  @Test
  void whatAPersonCompletedIsJudgedAgain() {
    UUID run = UUID.randomUUID();
    tell(said(run, RunState.START).reads("a", null, null));
    driver.decide(key(run), 1, COMPLETED);
    assertThat(snapshot(run).status()).isEqualTo(BatchStatus.INCOMPLETE);

    tell(said(run, RunState.COMPLETE).at(1).reads("a", 2L, null));

    assertThat(snapshot(run).status()).isEqualTo(COMPLETED);
    assertThat(snapshot(run).verdict().findings().isEmpty()).isTrue();
  }

  @Test
  void whatAPersonCancelledStaysSo() {
    UUID run = UUID.randomUUID();
    tell(said(run, RunState.START).reads("a", null, null));
    driver.decide(key(run), 1, CANCELLED);

    tell(said(run, RunState.COMPLETE).at(1));

    assertThat(snapshot(run).status()).isEqualTo(CANCELLED);
  }

  @Test
  void runsThatNameEachOtherAsParentsAreTakenAtOnce() {
    for (int i = 0; i < 5; i++) {
      UUID one = UUID.randomUUID();
      UUID two = UUID.randomUUID();
      driver.all(
          Flux.just(
                  said(one, RunState.START).below(two),
                  said(two, RunState.START).below(one),
                  said(one, RunState.COMPLETE).at(1).below(two),
                  said(two, RunState.COMPLETE).at(1).below(one))
              .flatMap(said -> lineage().report(reportOf(said.event())), 4));

      assertThat(List.of(snapshot(one).status(), snapshot(two).status())).containsOnly(COMPLETED);
    }
  }

  @Test
  void endingByTheServiceGivesWayToWhatIsReported() {
    UUID run = UUID.randomUUID();
    tell(said(run, RunState.START).reads("a", null, null));
    driver.decide(key(run), 1, BatchStatus.COMPLETED);
    assertThat(snapshot(run).status()).isEqualTo(BatchStatus.INCOMPLETE);

    tell(said(run, RunState.FAIL).at(1));

    assertThat(snapshot(run).status()).isEqualTo(FAILED);
    assertThat(driver.all(driver.store.verdicts(key(run))))
        .extracting(Verdict::status)
        .containsExactly(BatchStatus.INCOMPLETE, FAILED);
    assertThat(loggedKinds(run))
        .containsExactly("opened", "ended", "revised " + driver.find(key(run)).state().version());
  }

  private List<String> loggedKinds(UUID run) {
    driver.answer(evidence().size());
    return driver.all(evidence().entries(key(run))).stream()
        .map(entry -> AuditJson.strict().readTree(entry.body()).get("kind").asString())
        .toList();
  }

  @Test
  void resumedRunStartsAfresh() {
    UUID run = UUID.randomUUID();
    tell(said(run, RunState.START).reads("a", null, null));
    tell(said(run, RunState.FAIL).at(1));
    driver.decide(key(run), 1, RUNNING);

    tell(said(run, RunState.START).at(2).reads("a", null, null));
    assertThat(snapshot(run).status()).isEqualTo(RUNNING);
    tell(said(run, RunState.COMPLETE).at(3).reads("a", 7L, null));

    assertThat(snapshot(run).status()).isEqualTo(COMPLETED);
    assertThat(snapshot(run).run()).isEqualTo(2);
    assertThat(snapshot(run).totals().rows()).isEqualTo(7);
  }

  @Test
  void batchThatWasOpenedOtherwiseTakesReports() {
    BatchKey key = driver.open(BatchSpec.builder().name("mine").table("t").build());

    tell(said(key.id(), RunState.COMPLETE).reads("a", 7L, null));

    assertThat(driver.status(key)).isEqualTo(COMPLETED);
    assertThat(driver.snapshot(key).name()).isEqualTo("mine");
  }

  @Test
  void timeTooFarAheadIsRefusedAndLeavesNothing() {
    UUID run = UUID.randomUUID();
    Said ahead = said(run, RunState.START);
    ahead.at =
        driver
            .answer(lineage().report(reportOf(said(UUID.randomUUID(), RunState.START).event())))
            .batch()
            .now()
            .plus(Duration.ofHours(2));

    AuditException refused = catchThrowableOfType(AuditException.class, () -> tell(ahead));

    assertThat(refused.type()).isEqualTo(ProblemType.INVALID_EVENT);
    assertThat(refused.detail()).contains("eventTime").contains("ahead");
    assertThat(driver.all(driver.store.find(key(run)).flux())).isEmpty();
  }

  @Test
  void outputsThatAreTooMuchTogetherAreRefusedAndChangeNothing() {
    UUID run = UUID.randomUUID();
    tell(said(run, RunState.RUNNING).writes("t", CanonicalJson.MAX_INTEGER, 1L));
    List<Object> before = account(run);

    AuditException refused =
        catchThrowableOfType(
            AuditException.class,
            () -> tell(said(run, RunState.COMPLETE).at(1).writes("u", 1L, 1L)));

    assertThat(refused.type()).isEqualTo(ProblemType.INVALID_EVENT);
    assertThat(refused.detail()).contains("outputs").contains("rows");
    assertThat(account(run)).isEqualTo(before);
  }

  @Test
  void nothingHappensBeforeItIsSubscribedTo() {
    UUID run = UUID.randomUUID();

    lineage().report(reportOf(said(run, RunState.START).event())).hide();

    assertThat(driver.all(driver.store.find(key(run)).flux())).isEmpty();
  }

  @Test
  void reportsThatComeAtOnceGiveTheSameAccount() {
    Set<List<Object>> accounts = new HashSet<>();
    for (int i = 0; i < 8; i++) {
      UUID run = UUID.randomUUID();
      UUID whole = UUID.randomUUID();
      List<Said> story =
          List.of(
              said(run, RunState.START).reads("a", null, null).below(whole),
              said(run, RunState.RUNNING).at(1).reads("b", 5L, null).below(whole),
              said(run, RunState.OTHER).at(2).below(whole),
              said(run, RunState.COMPLETE).at(3).writes("t", 9L, null).below(whole),
              said(whole, RunState.COMPLETE).at(4));
      driver.all(
          Flux.fromIterable(story)
              .repeat(1)
              .flatMap(one -> lineage().report(reportOf(one.event())), 10));
      List<Object> account = account(run);
      account.remove(3);
      accounts.add(account);
      assertThat(snapshot(run).parent()).isEqualTo(whole);
    }

    assertThat(accounts).hasSize(1);
  }
}
