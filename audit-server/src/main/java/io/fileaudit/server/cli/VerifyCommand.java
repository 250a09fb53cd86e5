package io.fileaudit.server.cli;

import io.fileaudit.api.batch.Snapshot;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.BatchFilter;
import io.fileaudit.api.client.FileFilter;
import io.fileaudit.api.evidence.BundleVerifier;
import io.fileaudit.api.evidence.BundleVerifier.Life;
import io.fileaudit.api.evidence.BundleVerifier.Verified;
import io.fileaudit.api.evidence.Checkpoint;
import io.fileaudit.api.evidence.LogVerifier;
import io.fileaudit.api.evidence.NoteKey;
import io.fileaudit.api.evidence.SignedCheckpoint;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.api.evidence.Verification;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reactor.core.scheduler.Schedulers;

/**
 * Verifies that a batch's ledger, or the whole log, is what was acknowledged, sealed and signed.
 */
@Command(
    name = "verify",
    description = {
      "Verify that history was not changed: a batch's ledger by its seals (RFC 6962) and the signed",
      "checkpoint of the log, or the whole log. What does not fit is named, the first row first.",
      "Of a batch that has ended, what is shown of it, its status, figures and files, is held against the",
      "ledger as well.",
      "A bundle is verified without the service: `--save` keeps one, GET /batches/{id}/bundle is one."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:intact: all is there and fits",
      "2:usage: there is no such batch, or the file is no bundle",
      "4:no key, or one that is not allowed to",
      "5:the service cannot be reached",
      "6:tampered: something is not what it was",
      "7:incomplete: nothing speaks against it, and something is missing that would show it",
      "130:interrupted"
    },
    footer = {
      "",
      "Examples:",
      "  audit verify empresa@2025-02",
      "  audit verify 0197 --save evidence.zip --head 4096:9jXQ0w1gMQsq…=",
      "  audit verify evidence.zip --key signing.pub",
      "  audit verify --log"
    })
final class VerifyCommand implements Callable<Integer> {
  /** How often a batch is looked at that changes meanwhile. */
  private static final int TRIES = 3;

  /** More of them tell nothing new. */
  private static final int MOST_ACCOUNTS = 20;

  /** What is new is signed within ten seconds; clocks may differ by the rest. */
  private static final Duration SIGNED_BY = Duration.ofMinutes(1);

  private static final int ONE_IS_ENOUGH = 1;

  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Pattern HEAD = Pattern.compile("([0-9]{1,18}):([A-Za-z0-9+/]{43}=)");

  private final Console console;
  private final Environment environment;

  @Parameters(
      arity = "0..1",
      paramLabel = "BATCH|BUNDLE",
      description =
          "an id, its first 4 or more characters, table@period (the newest of them), or the file of a bundle")
  private @Nullable String target;

  @Option(names = "--log", description = "verify the whole log, and that no batch was taken away")
  private boolean log;

  @Option(
      names = "--head",
      paramLabel = "SIZE:ROOT",
      description = "a head that was kept, as acknowledgements carry it (`tree`); may be repeated")
  private List<String> heads = new ArrayList<>();

  @Option(names = "--save", paramLabel = "FILE", description = "keep the bundle of the batch")
  private @Nullable Path save;

  @Mixin private final TrustedKey key = new TrustedKey();
  @Mixin private final ServiceOptions service = new ServiceOptions();
  @Mixin private final OutputOption output = new OutputOption();

  VerifyCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    String wanted = target;
    if (log == (wanted != null)) {
      throw new CommandException(ExitCode.USAGE, "give a batch, a bundle, or --log");
    }
    if (wanted == null) {
      return log().code();
    }
    Path file = environment.workingDirectory().resolve(wanted);
    if (Files.isRegularFile(file)) {
      if (save != null) {
        throw new CommandException(ExitCode.USAGE, "--save is for the bundle of a batch");
      }
      return bundle(file).code();
    }
    boolean isFile = wanted.endsWith(".zip") || wanted.indexOf('/') >= 0;
    if (isFile && wanted.indexOf('@') < 0) { // Tables and periods have any characters.
      throw new CommandException(ExitCode.USAGE, "there is no file " + Printable.of(wanted));
    }
    return batch(wanted).code();
  }

  private ExitCode batch(String name) throws IOException {
    Path kept = save == null ? null : environment.workingDirectory().resolve(save);
    Path file = kept == null ? Files.createTempFile("bundle", ".zip") : kept;
    try {
      try (AuditCalls client = service.client(environment)) {
        // A batch that was taken away has no name any more but its id.
        UUID id =
            ID.matcher(name).matches() ? UUID.fromString(name) : BatchName.find(client, name).id();
        for (int tries = TRIES; ; tries--) {
          Optional<Snapshot> before = shown(client, id);
          download(client, id, file);
          Recount recount = new Recount();
          Verified verified = verify(file, recount::add);
          List<String> differences = compare(client, before.orElse(null), verified, recount);
          if (isStill(before, shown(client, id))) {
            return print(verified, differences);
          }
          if (tries == 1) {
            console.say("the batch changes all the time: what is shown of it was not compared");
            return print(verified, List.of());
          }
        }
      }
    } finally {
      if (kept == null) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** The batch as it is shown, where it is there. */
  private static Optional<Snapshot> shown(AuditCalls client, UUID id) {
    try {
      return Optional.of(Waiting.on(client.snapshot(id)));
    } catch (AuditException e) {
      if (e.type() == ProblemType.NOT_FOUND || e.type() == ProblemType.PURGED) {
        return Optional.empty(); // The bundle says what the log knows of it.
      }
      throw e;
    }
  }

  /** Whether it neither began nor ended a run, nor was changed where it had ended. */
  private static boolean isStill(Optional<Snapshot> before, Optional<Snapshot> after) {
    if (before.isEmpty() || after.isEmpty()) {
      return before.isEmpty() && after.isEmpty();
    }
    Snapshot was = before.get();
    Snapshot is = after.get();
    return was.run() == is.run()
        && was.status().isOpen() == is.status().isOpen()
        && (is.status().isOpen() || was.version() == is.version());
  }

  /**
   * What is shown, if anything, against what the log and the ledger make of it. Of an open batch
   * the log says no more than that it is open.
   */
  private static List<String> compare(
      AuditCalls client, @Nullable Snapshot shown, Verified verified, Recount recount) {
    Life life = verified.life();
    if (shown == null) {
      return life == Life.PURGED || life == Life.UNKNOWN
          ? List.of()
          : List.of("the batch is not there, and the log has no entry by which it was purged");
    }
    if (life == Life.ENDED) {
      return ended(client, shown, verified, recount);
    }
    return shown.status().isOpen() && life != Life.PURGED
        ? List.of()
        : List.of(
            "the batch is shown as "
                + shown.status()
                + ", and by the log "
                + (life == Life.PURGED ? "it was purged" : "its run has not ended"));
  }

  private static List<String> ended(
      AuditCalls client, Snapshot before, Verified verified, Recount recount) {
    BatchFilter below =
        new BatchFilter(Set.of(), null, null, Map.of(), before.id(), null, ONE_IS_ENOUGH);
    boolean isAlone = Waiting.on(client.batches(below, null)).items().isEmpty();
    recount.compare(before, verified.opened(), isAlone);
    for (FileState state : FileState.values()) {
      Waiting.until(
          client
              .allFiles(before.id(), FileFilter.in(state))
              .doOnNext(file -> recount.compare(file, state))
              .then());
    }
    return recount.differences();
  }

  private static void download(AuditCalls client, UUID id, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      Waiting.until(
          client
              .bundle(id)
              .publishOn(Schedulers.boundedElastic())
              .doOnNext(piece -> write(out, piece))
              .then());
    }
  }

  private static void write(OutputStream out, byte[] piece) {
    try {
      out.write(piece);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ExitCode bundle(Path file) throws IOException {
    return print(verify(file, row -> {}), List.of());
  }

  private Verified verify(Path file, Consumer<byte[]> seen) throws IOException {
    try {
      return BundleVerifier.verify(file, trusted(file).orElse(null), known(), seen);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private ExitCode print(Verified verified, List<String> accounts) {
    List<String> tampered = new ArrayList<>(verified.verification().tampered());
    tampered.addAll(accounts.subList(0, Math.min(accounts.size(), MOST_ACCOUNTS)));
    return Evidence.print(
        console,
        output.format(),
        "batch " + verified.about().batch(),
        verified.rows(),
        "rows",
        verified.checkpoint(),
        new Verification(tampered, verified.verification().missing()));
  }

  private Optional<NoteKey> trusted(Path bundle) throws IOException {
    String note = BundleVerifier.checkpoint(bundle);
    return key.of(note == null ? "" : note, environment, service.data);
  }

  private List<TreeHead> known() {
    return heads.stream()
        .map(
            text -> {
              Matcher head = HEAD.matcher(text);
              if (!head.matches()) {
                throw new CommandException(
                    ExitCode.USAGE, "--head is \"" + text + "\", expected SIZE:ROOT");
              }
              return new TreeHead(Long.parseLong(head.group(1)), head.group(2));
            })
        .toList();
  }

  private ExitCode log() {
    try (AuditCalls client = service.client(environment)) {
      SignedCheckpoint signed = Waiting.on(client.checkpoint(null));
      Optional<NoteKey> trusted = key.of(signed.checkpoint(), environment, service.data);
      Checkpoint checkpoint;
      try {
        checkpoint =
            Checkpoint.open(
                signed.checkpoint(), trusted.orElseGet(() -> NoteKey.read(signed.key())));
      } catch (IllegalArgumentException e) {
        return Evidence.print(
            console,
            output.format(),
            "the log",
            signed.size(),
            "entries",
            null,
            new Verification(
                List.of("the checkpoint is not what was signed: " + e.getMessage()), List.of()));
      }
      LogVerifier verifier = new LogVerifier(checkpoint);
      Waiting.until(client.log(0).doOnNext(verifier::add).then());
      // What was purged meanwhile has its entry by the next checkpoint.
      long seen = Waiting.on(client.checkpoint(null)).size();
      if (seen > checkpoint.size()) {
        Waiting.until(client.log(checkpoint.size()).doOnNext(verifier::add).then());
      }
      Verification end = verifier.end();
      List<String> missing = new ArrayList<>(end.missing());
      if (trusted.isEmpty()) {
        missing.add(BundleVerifier.NO_KEY);
      }
      Instant unsigned = verifier.unsignedSince(seen);
      if (unsigned != null && unsigned.isBefore(Clock.systemUTC().instant().minus(SIGNED_BY))) {
        missing.add("what was written since " + unsigned + " is not signed");
      }
      Verification found = new Verification(end.tampered(), missing);
      return Evidence.print(
          console, output.format(), "the log", verifier.entries(), "entries", checkpoint, found);
    }
  }
}
