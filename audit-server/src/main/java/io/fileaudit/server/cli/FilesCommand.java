package io.fileaudit.server.cli;

import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.event.EventError;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import reactor.core.scheduler.Schedulers;

/** Lists the files of one batch with what is known of each. */
@Command(
    name = "files",
    description = "List the files of a batch.",
    footer = {
      "",
      "Examples:",
      "  audit files 0197 --failed",
      "  audit files empresa@2025-02 -o csv > files.csv"
    })
final class FilesCommand implements Callable<Integer> {
  private static final List<Column<Manifest>> TABLE =
      List.of(
          Column.text("state", Manifest::state),
          Column.number("rows", Manifest::rows),
          Column.number("bytes", Manifest::bytes),
          Column.text("checksum", Manifest::checksum),
          Column.text("file", Manifest::file),
          Column.text("error", FilesCommand::error));

  private static final List<Column<Manifest>> CSV =
      List.of(
          Column.text("file", Manifest::file),
          Column.text("state", Manifest::state),
          Column.number("run", Manifest::run),
          Column.number("attempt", Manifest::attempt),
          Column.number("rows", Manifest::rows),
          Column.number("rejected_rows", Manifest::rejectedRows),
          Column.number("bytes", Manifest::bytes),
          Column.text("checksum", Manifest::checksum),
          Column.text("started_at", Manifest::startedAt),
          Column.text("ended_at", Manifest::endedAt),
          Column.text("error_code", file -> file.error() == null ? null : file.error().code()),
          Column.text(
              "error_message", file -> file.error() == null ? null : file.error().message()));

  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();

  @Mixin private final BatchArgument batch = new BatchArgument();

  @Option(names = "--failed", description = "only files that failed")
  private boolean failed;

  @Mixin private final OutputOption output = new OutputOption();

  FilesCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    FileFilter filter = failed ? FileFilter.in(FileState.FAILED) : FileFilter.all();
    ListPrinter<Manifest> list = new ListPrinter<>(console, output.format(), TABLE, CSV);
    try (AuditCalls client = service.client(environment)) {
      UUID id = batch.find(client).id();
      Waiting.until(
          client
              .allFiles(id, filter)
              .publishOn(Schedulers.boundedElastic()) // Printing may block.
              .doOnNext(list::print)
              .then());
    }
    list.finish();
    return ExitCode.COMPLETE.code();
  }

  private static @Nullable String error(Manifest file) {
    EventError error = file.error();
    if (error == null) {
      return null;
    }
    String code = error.code() == null ? "" : error.code();
    String message = error.message() == null ? "" : error.message();
    return code.isEmpty() || message.isEmpty() ? code + message : code + ": " + message;
  }
}
