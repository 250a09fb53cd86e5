package io.fileaudit.server.cli;

import io.fileaudit.api.batch.FileCounts;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.Finding;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import reactor.core.scheduler.Schedulers;

/** Lists the files of a batch that differ from what was announced. */
@Command(
    name = "reconcile",
    description = {
      "List the files of a batch that differ from what was announced:",
      "missing, short, unfinished, unexpected, duplicate_content."
    },
    exitCodeList = {
      "0:nothing is missing, short or unfinished",
      "1:something is, or fewer files came than were announced",
      "2:usage: there is no such batch",
      "4:no key, or one that is not allowed to",
      "5:the service cannot be reached"
    },
    footer = {
      "",
      "Examples:",
      "  audit reconcile empresa@2025-02",
      "  audit reconcile 0197 --finding missing -o jsonl | jq -r .file"
    })
final class ReconcileCommand implements Callable<Integer> {
  private static final Set<Finding> HELD_AGAINST =
      Set.of(Finding.MISSING, Finding.SHORT, Finding.UNFINISHED);

  private static final List<Column<FileFinding>> TABLE =
      List.of(
          Column.text("finding", ReconcileCommand::findings),
          Column.text("state", FileFinding::state),
          Column.number("rows", FileFinding::rows),
          Column.number("expected", FileFinding::expectedRows),
          Column.number("bytes", FileFinding::bytes),
          Column.number("expected", FileFinding::expectedBytes),
          Column.text("file", FileFinding::file),
          Column.text("same as", ReconcileCommand::sameAs));

  private static final List<Column<FileFinding>> CSV =
      List.of(
          Column.text("file", FileFinding::file),
          Column.text("findings", ReconcileCommand::findings),
          Column.text("state", FileFinding::state),
          Column.number("rows", FileFinding::rows),
          Column.number("expected_rows", FileFinding::expectedRows),
          Column.number("bytes", FileFinding::bytes),
          Column.number("expected_bytes", FileFinding::expectedBytes),
          Column.text("checksum", FileFinding::checksum),
          Column.text("expected_checksum", FileFinding::expectedChecksum),
          Column.text("same_as", ReconcileCommand::sameAs));

  /** Reads the words of the wire. */
  static final class Words implements ITypeConverter<Finding> {
    @Override
    public Finding convert(String word) {
      try {
        return Finding.of(word);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** The words of the wire, for completion. */
  static final class Candidates implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of(Finding.values()).stream().map(Finding::word).iterator();
    }
  }

  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final BatchArgument batch = new BatchArgument();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(
      names = "--finding",
      paramLabel = "FINDING",
      converter = Words.class,
      completionCandidates = Candidates.class,
      description = "only this kind: ${COMPLETION-CANDIDATES}")
  private @Nullable Finding only;

  private boolean held;
  private long missing;

  ReconcileCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    ListPrinter<FileFinding> list = new ListPrinter<>(console, output.format(), TABLE, CSV);
    try (AuditCalls client = service.client(environment)) {
      Snapshot found = batch.find(client);
      Waiting.until(
          client
              .allFindings(found.id(), only)
              .publishOn(Schedulers.boundedElastic()) // Printing may block.
              .doOnNext(
                  file -> {
                    held |= file.findings().stream().anyMatch(HELD_AGAINST::contains);
                    missing += file.findings().contains(Finding.MISSING) ? 1 : 0;
                    list.print(file);
                  })
              .then());
      list.finish();
      long unnamed = only == null ? unnamed(found) : 0;
      if (unnamed > 0) {
        console.say(Figures.count(unnamed, "file", "files") + " fewer than announced, by number");
      }
      long failed = only == null ? found.totals().files().failed() : 0;
      if (failed > 0) {
        console.say(
            Figures.count(failed, "file", "files")
                + " failed: audit files "
                + found.id()
                + " --failed");
      }
      return (held || unnamed > 0 || failed > 0 ? ExitCode.INCOMPLETE : ExitCode.COMPLETE).code();
    }
  }

  /** How many files of a counted expectation did not come, beyond those that are named. */
  private long unnamed(Snapshot found) {
    Verdict verdict = found.verdict();
    if (verdict != null && verdict.findings() != null && !found.status().isOpen()) {
      return verdict.findings().missing() - missing;
    }
    FileCounts files = found.totals().files();
    long came =
        files.discovered() + files.running() + files.completed() + files.failed() + files.skipped();
    return files.expected() - came - missing;
  }

  private static String findings(FileFinding file) {
    return file.findings().stream().map(Finding::word).collect(Collectors.joining(" "));
  }

  private static @Nullable String sameAs(FileFinding file) {
    return file.sameAs() == null ? null : file.sameAs().batch() + " " + file.sameAs().file();
  }
}
