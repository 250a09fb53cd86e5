package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Findings;
import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.event.EventError;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Manifest;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Names on stderr the files that keep a batch from being complete. */
final class FilesAtFault {
  private static final long NAMED_FILES = 1_000;

  private FilesAtFault() {}

  /** Names those of a batch that ended; lazy, gives their number. */
  static Mono<Long> name(AuditCalls client, Console console, Snapshot ended) {
    Verdict verdict = ended.verdict();
    Findings findings = verdict == null ? null : verdict.findings();
    List<Mono<Long>> kinds = new ArrayList<>();
    if (ended.totals().files().failed() > 0) {
      kinds.add(name(client, console, ended, FileState.FAILED, "failed"));
    }
    if (findings != null && findings.unfinished() > 0) {
      kinds.add(name(client, console, ended, FileState.RUNNING, "unfinished"));
      kinds.add(name(client, console, ended, FileState.DISCOVERED, "unfinished"));
    }
    if (findings != null && findings.missing() > 0) {
      kinds.add(name(client, console, ended, FileState.EXPECTED, "missing"));
    }
    return Flux.concat(kinds).reduce(0L, Long::sum);
  }

  private static Mono<Long> name(
      AuditCalls client, Console console, Snapshot batch, FileState state, String word) {
    return client
        .allFiles(batch.id(), FileFilter.in(state))
        .take(NAMED_FILES)
        .publishOn(Schedulers.boundedElastic()) // Printing may block.
        .doOnNext(file -> console.say(line(word, file)))
        .count()
        .doOnNext(
            named -> {
              if (named == NAMED_FILES) {
                console.say("… see all of them by: audit files " + batch.id() + " --failed");
              }
            });
  }

  private static String line(String word, Manifest file) {
    EventError error = file.error();
    String why = error == null ? "" : "  " + error.code() + ": " + error.message();
    return Printable.of(word + "  " + file.file() + why);
  }
}
