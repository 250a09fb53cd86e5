package io.fileaudit.server.cli;

import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.server.cli.scan.CsvFormat;
import io.fileaudit.server.cli.scan.CsvNames;
import io.fileaudit.server.cli.scan.FileProblem;
import io.fileaudit.server.cli.scan.FileSelection;
import io.fileaudit.server.cli.scan.FileStock;
import io.fileaudit.server.cli.scan.SelectedFile;
import io.fileaudit.server.cli.scan.StockTaker;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Turns files on disk into events: walks once to announce what is there, then again to read each
 * file and say what is in it. Two walks rather than a list, so that memory does not grow with the
 * number of files. Blocks on file IO.
 */
final class ScanEvents {
  private static final int BUFFER_BYTES = StockTaker.DEFAULT_BUFFER_BYTES;
  private static final long PROGRESS_BYTES = 4L * 1024 * 1024;
  private static final long PROGRESS_NANOS = 1_000_000_000L;

  private final FileSelection files;
  private final Predicate<String> included;
  private final CsvNames csv;
  private final CsvFormat format;
  private final ScanProgress progress;
  private final Clock clock;
  private long position;

  /**
   * Events about those files.
   *
   * @param included which of them, by name
   * @param csv which of them are CSV, in that format
   * @param progress is told how far it has come
   * @param clock the loader's clock, for the events' times
   */
  ScanEvents(
      FileSelection files,
      Predicate<String> included,
      CsvNames csv,
      CsvFormat format,
      ScanProgress progress,
      Clock clock) {
    this.files = files;
    this.included = included;
    this.csv = csv;
    this.format = format;
    this.progress = progress;
    this.clock = clock;
  }

  /**
   * Walks and reads, handing over events numbered from 1.
   *
   * @throws CancellationException where the thread is interrupted
   */
  void run(Consumer<FileEvent> sink) {
    for (SelectedFile file : files) {
      stopWhereInterrupted();
      if (file instanceof SelectedFile.Regular && included.test(file.name())) {
        progress.found();
        sink.accept(event(EventType.DISCOVERED, file.name()).build());
      }
    }
    StockTaker taker = new StockTaker(BUFFER_BYTES, PROGRESS_BYTES);
    for (SelectedFile file : files) {
      stopWhereInterrupted();
      if (included.test(file.name())) {
        report(file, taker, sink);
      }
    }
  }

  /** What is said of a file that was announced and was gone when its turn came. */
  FileEvent gone(String name) {
    return event(EventType.FAILED, name)
        .error(FileProblem.Code.NOT_FOUND.text(), "removed before it was read")
        .build();
  }

  private void report(SelectedFile file, StockTaker taker, Consumer<FileEvent> sink) {
    if (file instanceof SelectedFile.Regular regular) {
      sink.accept(event(EventType.STARTED, file.name()).build());
      sink.accept(ending(file.name(), read(regular, taker, sink)));
    } else if (file instanceof SelectedFile.Failed failed) {
      progress.failed();
      sink.accept(problem(EventType.FAILED, file.name(), failed.problem()).build());
    } else if (file instanceof SelectedFile.Skipped skipped) {
      progress.skipped();
      sink.accept(problem(EventType.SKIPPED, file.name(), skipped.problem()).build());
    }
  }

  private FileStock read(SelectedFile.Regular file, StockTaker taker, Consumer<FileEvent> sink) {
    String name = file.name();
    progress.reading(name);
    long[] saidAt = {System.nanoTime()};
    io.fileaudit.server.cli.scan.ReadingProgress report =
        (bytes, rows) -> {
          progress.reached(bytes);
          long now = System.nanoTime();
          if (now - saidAt[0] >= PROGRESS_NANOS) {
            saidAt[0] = now;
            sink.accept(event(EventType.PROGRESS, name).bytes(bytes).rows(figure(rows)).build());
          }
        };
    return csv.include(name)
        ? taker.take(file.path(), format, report)
        : taker.take(file.path(), report);
  }

  private FileEvent ending(String name, FileStock stock) {
    if (stock instanceof FileStock.Complete complete) {
      progress.completed(complete.bytes());
      return event(EventType.COMPLETED, name)
          .bytes(complete.bytes())
          .checksum(complete.checksum())
          .rows(figure(complete.rows()))
          .build();
    }
    FileStock.Failed failed = (FileStock.Failed) stock;
    progress.failed();
    return problem(EventType.FAILED, name, failed.problem())
        .bytes(failed.bytes())
        .rows(figure(failed.rows()))
        .checksum(failed.checksum().orElse(null))
        .build();
  }

  private FileEvent.Builder problem(EventType type, String name, FileProblem problem) {
    return event(type, name).error(problem.code().text(), problem.message());
  }

  private FileEvent.Builder event(EventType type, String name) {
    return FileEvent.of(type, LongNames.fitting(name))
        .at(clock.instant().truncatedTo(ChronoUnit.MILLIS))
        .position(++position);
  }

  private static @Nullable Long figure(OptionalLong rows) {
    return rows.isPresent() ? rows.getAsLong() : null;
  }

  private static void stopWhereInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("the scan was stopped");
    }
  }
}
