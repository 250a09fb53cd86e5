package io.fileaudit.server.cli;

import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.DeliveryReport;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.client.UndeliveredException;
import io.fileaudit.api.client.UnreachableException;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.r2dbc.load.LoadSession;
import io.fileaudit.r2dbc.load.LoadTarget;
import io.fileaudit.r2dbc.load.TargetException;
import io.fileaudit.r2dbc.load.TargetTable;
import io.fileaudit.server.cli.load.Columns;
import io.fileaudit.server.cli.load.Content;
import io.fileaudit.server.cli.load.LoadFile;
import io.fileaudit.server.cli.load.RowReader;
import io.fileaudit.server.cli.load.UnreadableFile;
import io.fileaudit.server.cli.load.Zip;
import io.fileaudit.server.cli.scan.SelectedFile;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries one load out: several files at once, each by a {@link FileLoader}, and asks for COMPLETED
 * in the end, which the service grants or not. Waits on the calling thread. For one load.
 */
final class Load {
  private static final Duration LAST_WORDS = Duration.ofSeconds(10);
  private static final long LOOK_MILLIS = 200;
  private static final long LOOK_AT_BATCH_NANOS = 5_000_000_000L;
  private static final String INTERRUPTED = "the load was interrupted";

  private final AuditCalls client;
  private final LoadTarget target;
  private final LoadPlan plan;
  private final LoadProgress progress;
  private final Duration patience;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final ExecutorService threads;
  private @Nullable LoadReporter reporting;
  private long lookedAt = System.nanoTime();

  /**
   * A load by that plan.
   *
   * @param patience how long the database may be away
   */
  Load(
      AuditCalls client,
      LoadTarget target,
      LoadPlan plan,
      LoadProgress progress,
      Duration patience) {
    this.client = client;
    this.target = target;
    this.plan = plan;
    this.progress = progress;
    this.patience = patience;
    this.threads =
        Executors.newFixedThreadPool(
            plan.jobs(),
            task -> {
              Thread thread = new Thread(task, "audit-load");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * The table, made where that is wanted, and ready to be loaded into.
   *
   * @throws CommandException where the database cannot be reached, or has no such table
   */
  TargetTable table() {
    try {
      LoadSession session = Waiting.on(target.connect());
      try {
        TargetTable table = Waiting.on(session.table(plan.table()).singleOptional()).orElse(null);
        if (table == null && plan.create()) {
          Waiting.until(session.create(plan.table(), firstColumns()));
          table = Waiting.on(session.table(plan.table()));
        }
        if (table == null) {
          throw new CommandException(
              ExitCode.USAGE,
              "the database has no table "
                  + plan.table()
                  + " (names are taken as they are, and those without a schema are looked for on"
                  + " the search path); --create makes one of texts");
        }
        matched(table); // Before anything is opened or made.
        Waiting.until(session.prepare(table));
        return table;
      } finally {
        Waiting.until(session.close());
      }
    } catch (TargetException.Away e) {
      throw new CommandException(ExitCode.UNREACHABLE, String.valueOf(e.getMessage()));
    } catch (TargetException e) {
      throw new CommandException(
          ExitCode.USAGE, "the database refuses: " + String.valueOf(e.getMessage()));
    }
  }

  /** The columns of a table that is to be made: those given, else those of the first header. */
  private List<String> firstColumns() {
    if (!plan.columns().isEmpty()) {
      return plan.columns();
    }
    List<List<String>> found = new ArrayList<>();
    for (SelectedFile file : plan.files()) {
      if (plan.format().csv().header() && file instanceof SelectedFile.Regular regular) {
        forEachIn(regular, each -> header(each, found));
      }
      if (!found.isEmpty()) {
        return found.get(0);
      }
    }
    throw new CommandException(
        ExitCode.USAGE, "--create needs --columns, or --header and a file that has one");
  }

  private void header(LoadFile file, List<List<String>> found) {
    if (found.isEmpty()) {
      try (Content content = file.open()) {
        found.add(new RowReader(content.rows(), plan.format()).header());
      } catch (IOException | UnreadableFile e) {
        return; // Said when its turn comes.
      }
    }
  }

  /**
   * Loads into that table, as a batch that was opened for it, and gives what was delivered and how
   * the batch ended.
   *
   * @param expected files that must come
   */
  DeliveryReport run(TargetTable table, LoadReporter reporter, List<ExpectedFile> expected) {
    synchronized (this) {
      reporting = reporter;
    }
    try {
      stopWhereAsked();
      Set<String> completed =
          reporter.run() == 1
              ? Set.of()
              : Set.copyOf(namesOf(reporter.batch(), FileState.COMPLETED));
      announce(reporter, expected);
      loadAll(
          new FileLoader.Shared(
              target,
              table,
              matched(table),
              completed,
              reporter,
              progress,
              patience,
              stopped,
              Clock.systemUTC()));
      reporter.flush();
      namesOf(reporter.batch(), FileState.DISCOVERED).forEach(name -> reporter.report(gone(name)));
      return reporter.complete();
    } catch (TargetException.Away e) {
      reporter.fail(String.valueOf(e.getMessage()));
      throw new CommandException(
          ExitCode.INCOMPLETE,
          e.getMessage() + "; the batch is FAILED, and goes on where the same command is given");
    } catch (CancellationException e) {
      throw new CommandException(ExitCode.INTERRUPTED, "interrupted");
    } catch (AuditException | UndeliveredException | CommandException e) {
      throw e; // The batch is over, or its ending is said by whoever interrupts.
    } catch (RuntimeException e) {
      reporter.fail("the load broke: " + e);
      throw e;
    } finally {
      threads.shutdownNow();
    }
  }

  private LoadPlan matched(TargetTable table) {
    if (plan.columns().isEmpty()) {
      return plan;
    }
    try {
      return plan.withColumns(Columns.named(plan.columns(), table.columns()));
    } catch (UnreadableFile e) {
      throw new CommandException(ExitCode.USAGE, e.reason());
    }
  }

  /** Stops from another thread; the batch ends CANCELLED. Waits for that, but not long. */
  void stop() {
    stopped.countDown();
    threads.shutdownNow();
    LoadReporter reporter;
    synchronized (this) {
      reporter = reporting;
    }
    if (reporter != null) {
      reporter.cancel(INTERRUPTED);
    }
  }

  private List<String> namesOf(UUID batch, FileState state) {
    return Waiting.on(
        client
            .allFiles(batch, FileFilter.in(state))
            .map(Manifest::file)
            .collect(Collectors.toList()));
  }

  private void announce(LoadReporter reporter, List<ExpectedFile> expected) {
    for (ExpectedFile file : expected) {
      reporter.report(
          FileEvent.of(EventType.EXPECTED, file.file())
              .rows(file.rows())
              .bytes(file.bytes())
              .checksum(file.checksum())
              .build());
    }
    for (SelectedFile file : plan.files()) {
      stopWhereAsked();
      if (file instanceof SelectedFile.Regular regular && plan.takes(file.name())) {
        forEachIn(
            regular,
            each -> {
              progress.found(each.size());
              reporter.report(event(EventType.DISCOVERED, each.name()).build());
            });
      }
    }
  }

  /** What is in a file that can be loaded; nothing of one that cannot be read. */
  private void forEachIn(SelectedFile.Regular file, Consumer<LoadFile> action) {
    try {
      if (!Zip.isZip(file.path())) {
        action.accept(new LoadFile.OnDisk(file.name(), file.path()));
        return;
      }
      try (Zip zip = Zip.open(file.name(), file.path())) {
        zip.members().stream().filter(member -> plan.takes(member.name())).forEach(action);
      }
    } catch (IOException | UnreadableFile e) {
      return; // Said when its turn comes.
    }
  }

  private void loadAll(FileLoader.Shared shared) {
    Iterator<SelectedFile> files = plan.files().iterator();
    Supplier<@Nullable SelectedFile> next =
        () -> {
          synchronized (files) {
            return files.hasNext() ? files.next() : null;
          }
        };
    ExecutorCompletionService<Boolean> loaders = new ExecutorCompletionService<>(threads);
    try {
      for (int i = 0; i < plan.jobs(); i++) {
        loaders.submit(() -> loadSome(shared, next));
      }
    } catch (RejectedExecutionException e) {
      throw new CommandException(ExitCode.INTERRUPTED, "interrupted");
    }
    for (int i = 0; i < plan.jobs(); i++) {
      awaitOne(loaders, shared.reporter());
    }
  }

  private boolean loadSome(FileLoader.Shared shared, Supplier<@Nullable SelectedFile> next) {
    try (FileLoader loader = new FileLoader(shared)) {
      for (SelectedFile file = next.get(); file != null; file = next.get()) {
        stopWhereAsked();
        load(file, loader);
      }
      return true;
    }
  }

  /**
   * Waits for one of them. Where it failed, or the batch is over, all are stopped before that is
   * thrown.
   */
  private void awaitOne(ExecutorCompletionService<Boolean> loaders, LoadReporter reporter) {
    try {
      Future<Boolean> done = null;
      while (done == null) {
        RuntimeException over = reporter.over();
        if (over != null) {
          stopAll();
          throw over;
        }
        lookAtTheBatch(reporter);
        done = loaders.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      }
      done.get();
    } catch (ExecutionException e) {
      stopAll();
      if (e.getCause() instanceof RuntimeException error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.INTERRUPTED, "interrupted");
    }
  }

  /** A loader that has nothing to tell, because the database is slow, would not hear of an end. */
  private void lookAtTheBatch(LoadReporter reporter) {
    if (System.nanoTime() - lookedAt < LOOK_AT_BATCH_NANOS) {
      return;
    }
    lookedAt = System.nanoTime();
    Snapshot batch;
    try {
      batch = Waiting.on(client.snapshot(reporter.batch()));
    } catch (UnreachableException | AuditException e) {
      return; // How long that may go on is for those who deliver events to say.
    }
    if (batch.verdict() != null && batch.endedAt() != null) {
      stopAll();
      throw new CommandException(
          ExitCode.of(batch.status()),
          "batch "
              + batch.id()
              + " was ended meanwhile: "
              + batch.status()
              + ", "
              + batch.verdict().reason());
    }
  }

  private void stopAll() {
    stopped.countDown();
    threads.shutdownNow();
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!threads.awaitTermination(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
        progress.say("some files are still being given up");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void load(SelectedFile file, FileLoader loader) {
    if (file instanceof SelectedFile.Failed failed) {
      loader.fail(file.name(), failed.problem().code().text(), failed.problem().message());
    } else if (file instanceof SelectedFile.Skipped skipped) {
      loader.skip(file.name(), skipped.problem().code().text(), skipped.problem().message());
    } else if (file instanceof SelectedFile.Regular regular) {
      if (!plan.takes(file.name())) {
        leaveOut(loader, file.name());
        return;
      }
      try {
        load(regular, loader);
      } catch (UnreadableFile e) {
        loader.fail(file.name(), e.code(), e.reason());
      } catch (IOException e) {
        UnreadableFile problem = UnreadableFile.of(e);
        loader.fail(file.name(), problem.code(), problem.reason());
      }
    }
  }

  private void load(SelectedFile.Regular file, FileLoader loader)
      throws IOException, UnreadableFile {
    if (!Zip.isZip(file.path())) {
      loader.load(new LoadFile.OnDisk(file.name(), file.path()));
      return;
    }
    try (Zip zip = Zip.open(file.name(), file.path())) {
      for (LoadFile member : zip.members()) {
        stopWhereAsked();
        if (plan.takes(member.name())) {
          loader.load(member);
        } else {
          leaveOut(loader, member.name());
        }
      }
    }
  }

  private static void leaveOut(FileLoader loader, String name) {
    loader.skip(name, "not-selected", "its name is none of --csv; name it to have it loaded");
  }

  private FileEvent gone(String name) {
    return event(EventType.FAILED, name).error("not-found", "removed before it was read").build();
  }

  private static FileEvent.Builder event(EventType type, String name) {
    return FileEvent.of(type, LongNames.fitting(name));
  }

  private void stopWhereAsked() {
    if (stopped.getCount() == 0) {
      throw new CommandException(ExitCode.INTERRUPTED, "interrupted");
    }
  }
}
