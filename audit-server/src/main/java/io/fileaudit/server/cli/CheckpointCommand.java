package io.fileaudit.server.cli;

import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.evidence.BundleVerifier;
import io.fileaudit.api.evidence.Checkpoint;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.NoteKey;
import io.fileaudit.api.evidence.Proofs;
import io.fileaudit.api.evidence.SignedCheckpoint;
import io.fileaudit.api.evidence.SignedNote;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints how the log stands, signed, and holds it against a checkpoint that was kept. */
@Command(
    name = "checkpoint",
    description = {
      "Print the signed checkpoint of the log (C2SP tlog-checkpoint), to be kept elsewhere.",
      "With --since, first prove that the log only grew since a checkpoint that was kept."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the log is the continuation of the one that was kept, or none was given",
      "2:usage: the file is no checkpoint",
      "4:no key, or one that is not allowed to",
      "5:the service cannot be reached",
      "6:tampered: it is not the continuation, or not what was signed",
      "7:incomplete: it is, by a key that comes from the service itself",
      "130:interrupted"
    },
    footer = {
      "",
      "Examples:",
      "  audit checkpoint > monday.txt",
      "  audit checkpoint --since monday.txt --key signing.pub > tuesday.txt"
    })
final class CheckpointCommand implements Callable<Integer> {
  private final Console console;
  private final Environment environment;

  @Option(names = "--since", paramLabel = "FILE", description = "a checkpoint that was kept")
  private @Nullable Path since;

  @Mixin private final TrustedKey key = new TrustedKey();
  @Mixin private final ServiceOptions service = new ServiceOptions();

  CheckpointCommand(Console console, Environment environment) {
    this.console = console;
    this.environment = environment;
  }

  @Override
  public Integer call() {
    String kept = since == null ? null : read(since);
    try (AuditCalls client = service.client(environment)) {
      SignedCheckpoint present = Waiting.on(client.checkpoint(null));
      Optional<NoteKey> trusted = key.of(present.checkpoint(), environment, service.data);
      NoteKey by = trusted.orElseGet(() -> NoteKey.read(present.key()));
      open(present.checkpoint(), by, "the service's checkpoint");
      if (kept != null) {
        NoteKey then = key.of(kept, environment, service.data).orElse(by);
        if (!SignedNote.names(kept, then)) {
          throw new CommandException(
              ExitCode.UNVERIFIED,
              since
                  + " is signed by another key than "
                  + then.name()
                  + ": give the one of its time, too (--key, which may be repeated)");
        }
        check(client, open(kept, then, String.valueOf(since)), by);
      }
      console.text(present.checkpoint().stripTrailing());
      if (trusted.isEmpty()) {
        console.say(BundleVerifier.NO_KEY);
        return kept == null ? ExitCode.COMPLETE.code() : ExitCode.UNVERIFIED.code();
      }
      return ExitCode.COMPLETE.code();
    }
  }

  private String read(Path file) {
    try {
      return Files.readString(environment.workingDirectory().resolve(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.USAGE, file + " cannot be read: it is not there, or no text in UTF-8");
    }
  }

  private static Checkpoint open(String note, NoteKey by, String what) {
    try {
      return Checkpoint.open(note, by);
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          ExitCode.DIFFERENT, "tampered: " + what + " is not what was signed: " + e.getMessage());
    }
  }

  private void check(AuditCalls client, Checkpoint before, NoteKey by) {
    SignedCheckpoint answer;
    try {
      answer = Waiting.on(client.checkpoint(before.size()));
    } catch (AuditException e) {
      if (e.type() == ProblemType.INVALID_REQUEST) {
        throw new CommandException(
            ExitCode.DIFFERENT,
            "tampered: " + before.size() + " entries were signed; " + e.getMessage());
      }
      throw e;
    }
    Checkpoint now = open(answer.checkpoint(), by, "the service's checkpoint");
    List<String> proof = answer.proof();
    if (proof == null || !isContinued(before, now, proof)) {
      throw new CommandException(
          ExitCode.DIFFERENT,
          "tampered: the log of "
              + now.size()
              + " entries is not the continuation of the "
              + before.size()
              + " that were signed");
    }
    console.say(
        "the log of "
            + now.size()
            + " entries begins with the "
            + before.size()
            + " that were signed");
  }

  private static boolean isContinued(Checkpoint before, Checkpoint now, List<String> proof) {
    try {
      return Proofs.isConsistent(
          before.size(),
          before.root(),
          now.size(),
          now.root(),
          proof.stream().map(Hash::ofBase64).toList());
    } catch (IllegalArgumentException e) {
      return false; // What is no hash proves nothing.
    }
  }
}
