package io.fileaudit.server.cli;

import io.fileaudit.api.event.EventError;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.r2dbc.load.LoadSession;
import io.fileaudit.r2dbc.load.LoadTarget;
import io.fileaudit.r2dbc.load.LoadedFile;
import io.fileaudit.r2dbc.load.TargetException;
import io.fileaudit.r2dbc.load.TargetTable;
import io.fileaudit.server.cli.load.BadRows;
import io.fileaudit.server.cli.load.Columns;
import io.fileaudit.server.cli.load.Content;
import io.fileaudit.server.cli.load.LoadFile;
import io.fileaudit.server.cli.load.RowChunk;
import io.fileaudit.server.cli.load.RowReader;
import io.fileaudit.server.cli.load.UnreadableFile;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Loads one file after the other over a connection of its own, each in a transaction, and tells the
 * audit service of each. For one thread, which it blocks.
 */
final class FileLoader implements AutoCloseable {
  private static final long PROGRESS_NANOS = 2_000_000_000L;
  private static final long AGAIN_MILLIS = 1_000;

  /**
   * What the loaders of a load share.
   *
   * @param completed files that the batch had completed in earlier runs
   * @param patience how long the database may be away before the load is given up
   * @param stopped is zero when the load is to stop
   * @param clock the loader's clock, for the events' times
   */
  record Shared(
      LoadTarget target,
      TargetTable table,
      LoadPlan plan,
      Set<String> completed,
      LoadReporter reporter,
      LoadProgress progress,
      Duration patience,
      CountDownLatch stopped,
      Clock clock) {}

  /** What a file came to. */
  private record Loaded(long rows, long bytes, String checksum, BadRows bad) {}

  private final Shared shared;
  private @Nullable LoadSession session;
  private boolean started;
  private long saidRows;
  private long saidBytes;

  FileLoader(Shared shared) {
    this.shared = shared;
  }

  /**
   * Loads a file, or finds that it was loaded, and reports what became of it. A file that cannot be
   * loaded is reported and no error.
   *
   * @throws io.fileaudit.api.problem.AuditException where the batch is over
   * @throws TargetException.Away where the database was away too long
   * @throws CommandException where the thread is interrupted
   */
  void load(LoadFile file) {
    String name = LongNames.fitting(file.name());
    long awaySince = System.nanoTime();
    boolean saidAway = false;
    while (true) {
      started = false;
      try {
        attempt(name, file);
        return;
      } catch (TargetException.Away e) {
        end();
        if (started || !saidAway) {
          awaySince = System.nanoTime();
          saidAway = true;
          shared.progress().say(name + ": " + said(e) + "; trying again");
        }
        boolean givingUp = System.nanoTime() - awaySince > shared.patience().toNanos();
        if (started || givingUp) {
          fail(name, "database-away", said(e), 0);
        }
        if (givingUp) {
          throw e;
        }
        waitAWhile();
      } catch (TargetException e) {
        end();
        fail(name, "database-refused", said(e), 0);
        shared.progress().failed(name, "database-refused", said(e));
        return;
      } catch (UnreadableFile e) {
        rollback();
        fail(name, e.code(), e.reason(), e.line());
        shared.progress().failed(name, e.code(), e.reason());
        return;
      } catch (RuntimeException e) {
        end();
        throw e;
      }
    }
  }

  /** Reports a file that is not even opened. */
  void fail(String name, String code, String message) {
    fail(LongNames.fitting(name), code, message, 0);
    shared.progress().failed(name, code, message);
  }

  /** Reports a file that is left out. */
  void skip(String name, String code, String message) {
    shared
        .reporter()
        .report(event(EventType.SKIPPED, LongNames.fitting(name)).error(code, message).build());
    shared.progress().skipped();
  }

  private void attempt(String name, LoadFile file) throws UnreadableFile {
    LoadSession connected = connected();
    Optional<LoadedFile> earlier =
        Waiting.on(
            connected
                .begin(shared.table(), shared.reporter().batch(), name, shared.reporter().run())
                .singleOptional());
    if (earlier.isPresent()) {
      wasLoaded(name, file, earlier.get());
      return;
    }
    if (shared.completed().contains(name)) {
      throw new UnreadableFile(
          "not-noted",
          "the batch says that it was loaded, and this database knows nothing of it; is it the"
              + " same one?");
    }
    started = true;
    shared.reporter().report(event(EventType.STARTED, name).build());
    Loaded loaded = copy(connected, name, file);
    LoadedFile note =
        new LoadedFile(
            shared.reporter().batch(),
            name,
            shared.reporter().run(),
            loaded.rows(),
            loaded.bad().count(),
            loaded.bytes(),
            loaded.checksum());
    Waiting.until(connected.commit(shared.table(), note));
    completed(note, loaded.bad().attributes());
  }

  private void completed(LoadedFile note, Map<String, Object> attributes) {
    shared
        .reporter()
        .report(
            event(EventType.COMPLETED, note.file())
                .rows(note.rows())
                .rejectedRows(note.rejectedRows())
                .bytes(note.bytes())
                .checksum(note.checksum())
                .attributes(attributes)
                .build());
    shared.progress().completed();
  }

  /** The rows are there: what is left to do is to say so, where that was not heard. */
  private void wasLoaded(String name, LoadFile file, LoadedFile note) throws UnreadableFile {
    if (!shared.completed().contains(name)) {
      shared.reporter().report(event(EventType.STARTED, name).build());
      completed(note, Map.of("loaded_in_run", note.run()));
      return;
    }
    String checksum;
    try (Content content = file.open()) {
      checksum = content.checksum();
    } catch (IOException e) {
      throw UnreadableFile.of(e);
    }
    if (!checksum.equals(note.checksum())) {
      throw new UnreadableFile(
          "changed-since-loaded",
          "it was loaded as " + note.checksum() + " and is now " + checksum);
    }
    shared.progress().read(0, file.size());
    skip(name, "already-loaded", "loaded in run " + note.run());
  }

  private Loaded copy(LoadSession connected, String name, LoadFile file) throws UnreadableFile {
    BadRows bad = new BadRows(shared.plan().maxBadRows(), row -> shared.progress().bad(name, row));
    saidRows = 0;
    saidBytes = 0;
    try (Content content = file.open()) {
      RowReader reader = new RowReader(content.rows(), shared.plan().format());
      List<String> columns = columns(reader);
      reader.expectColumns(columns.size());
      ChunkCopy copy = new ChunkCopy(connected, shared.table(), columns, bad);
      try {
        long rows = copy(reader, copy, bad, name, content);
        String checksum = content.checksum();
        file.checkWhole(content.bytes());
        tell(rows, content.bytes());
        return new Loaded(rows, content.bytes(), checksum, bad);
      } finally {
        copy.quiet();
      }
    } catch (IOException e) {
      throw UnreadableFile.of(e);
    }
  }

  private long copy(RowReader reader, ChunkCopy copy, BadRows bad, String name, Content content)
      throws IOException, UnreadableFile {
    RowChunk chunk = new RowChunk();
    RowChunk other = new RowChunk();
    long rows = 0;
    long saidAt = System.nanoTime();
    while (reader.fill(chunk)) {
      stopWhereAsked();
      rows += copy.settle();
      for (var row : chunk.bad()) {
        bad.add(row);
      }
      copy.begin(chunk);
      RowChunk next = other;
      other = chunk;
      chunk = next;
      shared.reporter().alive();
      tell(rows, content.bytes());
      if (System.nanoTime() - saidAt >= PROGRESS_NANOS) {
        saidAt = System.nanoTime();
        shared
            .reporter()
            .report(
                event(EventType.PROGRESS, name)
                    .rows(rows)
                    .rejectedRows(bad.count())
                    .bytes(content.bytes())
                    .build());
      }
    }
    return rows + copy.settle();
  }

  private List<String> columns(RowReader reader) throws IOException, UnreadableFile {
    LoadPlan plan = shared.plan();
    List<String> header = plan.format().csv().header() ? reader.header() : List.of();
    if (!plan.columns().isEmpty()) {
      return plan.columns();
    }
    return header.isEmpty()
        ? shared.table().columns()
        : Columns.named(header, shared.table().columns());
  }

  private void tell(long rows, long bytes) {
    shared.progress().read(rows - saidRows, bytes - saidBytes);
    saidRows = rows;
    saidBytes = bytes;
  }

  private void fail(String name, String code, String message, long line) {
    shared.progress().read(-saidRows, 0);
    saidRows = 0;
    EventError error = new EventError(code, message, line == 0 ? null : line, null);
    shared.reporter().report(event(EventType.FAILED, name).error(error).build());
  }

  private FileEvent.Builder event(EventType type, String name) {
    return FileEvent.of(type, name).at(shared.clock().instant().truncatedTo(ChronoUnit.MILLIS));
  }

  private static String said(TargetException error) {
    String state = error.sqlState() == null ? "" : " (SQLSTATE " + error.sqlState() + ")";
    return error.getMessage() + state;
  }

  private void stopWhereAsked() {
    if (shared.stopped().getCount() == 0 || Thread.currentThread().isInterrupted()) {
      throw new CommandException(ExitCode.INTERRUPTED, "interrupted");
    }
  }

  private void waitAWhile() {
    try {
      if (shared.stopped().await(AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new CommandException(ExitCode.INTERRUPTED, "interrupted");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.INTERRUPTED, "interrupted");
    }
  }

  private LoadSession connected() {
    LoadSession open = session;
    if (open == null) {
      open = Waiting.on(shared.target().connect());
      session = open;
    }
    return open;
  }

  private void rollback() {
    LoadSession open = session;
    if (open != null) {
      try {
        Waiting.until(open.rollback());
      } catch (TargetException e) {
        end();
      }
    }
  }

  /** Gives the connection up, and with it what was begun. */
  private void end() {
    LoadSession open = session;
    session = null;
    if (open != null) {
      Waiting.briefly(open.close(), Duration.ofSeconds(2));
    }
  }

  @Override
  public void close() {
    end();
  }
}
