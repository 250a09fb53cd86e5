package io.fileaudit.server.cli;

import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.server.cli.CheckedFile.Result;
import io.fileaudit.server.cli.scan.FileProblem;
import io.fileaudit.server.cli.scan.FileSelection;
import io.fileaudit.server.cli.scan.ReadingProgress;
import io.fileaudit.server.cli.scan.SelectedFile;
import io.fileaudit.server.cli.scan.StockTaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Holds files on disk against the account of a batch, by their SHA-256. */
@Command(
    name = "check",
    description = {
      "Hold the files below a directory against the account of a batch, by their SHA-256:",
      "same, different, unverified (no SHA-256 is stored, or the file cannot be read),",
      "missing (not on disk), extra (not in the account; only told).",
      "A file of the account is looked for under its name, below the directory."
    },
    exitCodeList = {
      "0:every file of the account is the same",
      "2:usage: there is no such batch or directory",
      "4:no key, or one that is not allowed to",
      "5:the service cannot be reached",
      "6:a file is different or missing",
      "7:none is, but a file is unverified",
      "130:interrupted"
    },
    footer = {
      "",
      "Examples:",
      "  audit scan landing --table sales && audit check $BATCH --dir .",
      "  audit check sales@2026-11 --dir /mnt/copy --strip s3://bucket/ -o csv"
    })
final class CheckCommand implements Callable<Integer> {
  private static final List<Column<CheckedFile>> TABLE =
      List.of(
          Column.text("result", file -> file.result().word()),
          Column.text("file", CheckedFile::file),
          Column.text("reason", CheckedFile::reason));

  private static final List<Column<CheckedFile>> CSV =
      List.of(
          Column.text("file", CheckedFile::file),
          Column.text("result", file -> file.result().word()),
          Column.text("state", CheckedFile::state),
          Column.number("bytes", CheckedFile::bytes),
          Column.number("stored_bytes", CheckedFile::storedBytes),
          Column.text("checksum", CheckedFile::checksum),
          Column.text("stored_checksum", CheckedFile::storedChecksum),
          Column.text("reason", CheckedFile::reason));

  private final Console console;
  private final Environment environment;

  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final BatchArgument batch = new BatchArgument();
  @Mixin private final OutputOption output = new OutputOption();

  @Option(names = "--dir", required = true, paramLabel = "D", description = "where the files are")
  private Path directory = Path.of("");

  @Option(
      names = "--strip",
      paramLabel = "PREFIX",
      description = "what the names of the account have in front that the disk has not")
  private String prefix = "";

  @Option(names = "--all", description = "also list the files that are the same")
  private boolean all;

  private final StockTaker taker = new StockTaker();
  private final Map<Result, Long> counts = new EnumMap<>(Result.class);

  CheckCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    Path root = environment.workingDirectory().resolve(directory);
    if (!Files.isDirectory(root)) {
      throw new CommandException(ExitCode.USAGE, directory + " is no directory");
    }
    Map<String, StoredFile> stored = stored();
    ListPrinter<CheckedFile> list = new ListPrinter<>(console, output.format(), TABLE, CSV);
    for (SelectedFile file : FileSelection.of(root, List.of("."))) {
      String name = name(file, stored);
      StoredFile account = stored.remove(name);
      if (account != null) {
        note(checked(name, account, file), list);
      } else if (file instanceof SelectedFile.Regular) {
        note(extra(name), list);
      } else if (file instanceof SelectedFile.Failed failed) {
        console.say(Printable.of(name + ": " + failed.problem().message()));
      }
      console.show(summary());
    }
    stored.forEach((name, account) -> note(account.missing(name), list));
    list.finish();
    console.say(summary());
    return exitCode().code();
  }

  /** All of the account by name: the walk comes in an order of its own. */
  private Map<String, StoredFile> stored() {
    Map<String, StoredFile> stored = new TreeMap<>();
    try (AuditCalls client = service.client(environment)) {
      UUID id = batch.find(client).id();
      Waiting.until(
          client
              .allFiles(id, FileFilter.all())
              .doOnNext(file -> stored.put(file.file(), StoredFile.of(file)))
              .then());
    }
    return stored;
  }

  /** The file's name in the account: below the directory, or with the dot that a walk begins by. */
  private String name(SelectedFile file, Map<String, StoredFile> stored) {
    String dotted = LongNames.fitting(prefix + file.name());
    return stored.containsKey(dotted) || !file.name().startsWith("./")
        ? dotted
        : LongNames.fitting(prefix + file.name().substring(2));
  }

  private CheckedFile checked(String name, StoredFile account, SelectedFile file) {
    if (file instanceof SelectedFile.Regular regular) {
      try {
        return account.against(
            name,
            Files.size(regular.path()),
            () -> taker.take(regular.path(), ReadingProgress.NONE));
      } catch (IOException e) {
        return unread(name, account, String.valueOf(e.getMessage()));
      }
    }
    FileProblem problem =
        file instanceof SelectedFile.Failed failed
            ? failed.problem()
            : ((SelectedFile.Skipped) file).problem();
    return unread(name, account, problem.message());
  }

  private static CheckedFile unread(String name, StoredFile account, String reason) {
    return new CheckedFile(
        name,
        Result.UNVERIFIED,
        account.state(),
        null,
        account.bytes(),
        null,
        account.checksum(),
        reason);
  }

  private static CheckedFile extra(String name) {
    return new CheckedFile(name, Result.EXTRA, null, null, null, null, null, null);
  }

  private void note(CheckedFile file, ListPrinter<CheckedFile> list) {
    counts.merge(file.result(), 1L, Long::sum);
    if (all || file.result() != Result.SAME) {
      list.print(file);
    }
  }

  private String summary() {
    StringJoiner text = new StringJoiner(", ");
    for (Result result : Result.values()) {
      text.add(Figures.count(counts.getOrDefault(result, 0L)) + " " + result.word());
    }
    return text.toString();
  }

  private ExitCode exitCode() {
    if (counts.containsKey(Result.DIFFERENT) || counts.containsKey(Result.MISSING)) {
      return ExitCode.DIFFERENT;
    }
    return counts.containsKey(Result.UNVERIFIED) ? ExitCode.UNVERIFIED : ExitCode.COMPLETE;
  }
}
