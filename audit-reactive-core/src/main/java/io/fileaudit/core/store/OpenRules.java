package io.fileaudit.core.store;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.batch.Verdict;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.DecisionPlan;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.CommitPlan;
import io.fileaudit.core.ledger.Known;
import io.fileaudit.core.ledger.LedgerBody;
import io.fileaudit.core.ledger.Line;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The rules of opening and deciding that every store keeps; pure functions. */
public final class OpenRules {
  private OpenRules() {}

  /**
   * A row of the ledger that records a decision.
   *
   * @param seq its number
   * @param position the position of the ENDED event, where it is numbered
   * @param id the id of the ENDED event, where it has one
   * @param body its text
   */
  public record DecisionRow(long seq, @Nullable Long position, @Nullable String id, byte[] body) {}

  /** The batch is not there, or belongs to another namespace. */
  public static AuditException notFound(BatchKey key) {
    return new AuditException(ProblemType.NOT_FOUND, "no batch " + key.id());
  }

  /** Refuses an opening that differs from that of the batch that is there. */
  public static void checkSame(OpenBatch request, BatchSpec present) {
    if (!request.spec().sameAs(present)) {
      throw new AuditException(
          ProblemType.BATCH_CONFLICT,
          "batch "
              + request.key().id()
              + " was opened with other fields: "
              + difference(request.spec(), present));
    }
  }

  private static String difference(BatchSpec wanted, BatchSpec present) {
    Map<String, Object> wantedFields = io.fileaudit.api.event.EventWriter.spec(wanted);
    Map<String, Object> presentFields = io.fileaudit.api.event.EventWriter.spec(present);
    List<String> names = new ArrayList<>();
    TreeMap<String, Object> all = new TreeMap<>(wantedFields);
    all.putAll(presentFields);
    for (String name : all.keySet()) {
      if (!name.equals("resume")
          && !java.util.Objects.equals(wantedFields.get(name), presentFields.get(name))) {
        names.add(name);
      }
    }
    return String.join(", ", names);
  }

  /**
   * What an opening with {@code resume} asks of a batch that is there; null where there is nothing
   * to resume.
   */
  public static DecisionPlan.@Nullable Wish resumeWish(OpenBatch request, BatchState state) {
    Integer run = request.run();
    boolean nextRun = run == null || run == state.run() + 1;
    if (!request.spec().resume() || state.status().isOpen() || !nextRun) {
      return null;
    }
    return new DecisionPlan.Wish(
        state.run(), BatchStatus.RUNNING, null, request.by(), request.node());
  }

  /** Refuses to begin a batch with another run than its first. */
  public static void checkFirstRun(OpenBatch request) {
    if (request.run() != null && request.run() != 1) {
      throw new AuditException(
          ProblemType.STALE_RUN,
          "the message is for run "
              + request.run()
              + ", and batch "
              + request.key().id()
              + " is not there: its first run is 1");
    }
  }

  /** Refuses a parent that is not there, has ended, or is a sub-batch itself. */
  public static void checkParent(
      UUID parent, @Nullable BatchSpec spec, @Nullable BatchState state) {
    if (spec == null || state == null) {
      throw new AuditException(ProblemType.NOT_FOUND, "no parent batch " + parent);
    }
    if (spec.parent() != null) {
      throw new AuditException(
          ProblemType.INVALID_TRANSITION,
          "parent " + parent + " is a sub-batch itself; there is one level only");
    }
    if (!state.status().isOpen()) {
      String detail = "the parent " + parent + " is " + state.status();
      throw state.verdict() == null
          ? new AuditException(ProblemType.BATCH_ENDED, detail)
          : AuditException.ended(detail, state.verdict());
    }
  }

  /**
   * The EXPECTED events for files that a specification expects by name; empty where there are none.
   */
  public static Optional<Chunk> expectationChunk(OpenBatch request, List<ExpectedFile> files) {
    if (files.isEmpty()) {
      return Optional.empty();
    }
    List<Line> lines = new ArrayList<>();
    for (ExpectedFile file : files) {
      FileEvent event =
          FileEvent.of(EventType.EXPECTED, file.file())
              .rows(file.rows())
              .bytes(file.bytes())
              .checksum(file.checksum())
              .build();
      io.fileaudit.api.json.Utf8Output out = new io.fileaudit.api.json.Utf8Output(256);
      io.fileaudit.api.event.EventWriter.write(event, out);
      lines.add(new Line.Readable(lines.size() + 1L, event, out.toBytes()));
    }
    return Optional.of(new Chunk(request.key().id(), request.key(), 1, null, lines));
  }

  /**
   * A batch just opened, with what it expects entered into its ledger: not yet started, nothing
   * heard.
   */
  public static BatchState declared(BatchState opened, BatchState committed) {
    return new BatchState(
        opened.status(),
        opened.run(),
        committed.tree(),
        opened.version(),
        opened.runOpenedAt(),
        null,
        null,
        null,
        null,
        committed.tally(),
        null);
  }

  /** The keys under which an ENDED event may be known. */
  public static Known.Questions questions(Decide request, @Nullable Long mark) {
    return Known.Questions.of(chunkOf(request), mark);
  }

  /**
   * The ENDED event as a chunk of its own; without lines where the wish did not come in a stream.
   */
  public static Chunk chunkOf(Decide request) {
    List<Line> lines = request.sent() == null ? List.of() : List.of(request.sent());
    return new Chunk(
        request.key().id(), request.key(), request.wish().run(), request.producer(), lines);
  }

  /**
   * Whether an ENDED event was taken before.
   *
   * @throws AuditException {@code key-conflict} where its key was used for another event
   */
  public static boolean isRepeat(Decide request, Known known) {
    Line.Readable sent = request.sent();
    if (sent == null) {
      return false;
    }
    Event event = sent.event();
    Long position = request.producer() == null ? null : event.position();
    return switch (known.match(event, position, sent.canonical())) {
      case REPEAT -> true;
      case NEW -> false;
      case CONFLICT ->
          throw new AuditException(
              ProblemType.KEY_CONFLICT, "the key of ENDED was used before for another event");
    };
  }

  /**
   * Refuses an ENDED event whose time lies too far ahead.
   *
   * @throws AuditException {@code invalid-event}
   */
  public static void checkTime(Decide request, Instant now) {
    String ahead =
        request.sent() == null ? null : CommitPlan.ahead("at", request.sent().event().at(), now);
    if (ahead != null) {
      throw new AuditException(ProblemType.INVALID_EVENT, ahead);
    }
  }

  /** The ledger row of a decision: the event as it was sent, or one that says what was wanted. */
  public static DecisionRow row(Decide request, Verdict verdict, Instant now) {
    Line.Readable sent = request.sent();
    LedgerBody bodies = new LedgerBody(request.key().id(), request.producer(), verdict.run(), now);
    if (sent != null) {
      Long position = request.producer() == null ? null : sent.event().position();
      byte[] body =
          bodies.decision(verdict.seq(), sent.canonical(), position, sent.event().id(), verdict);
      return new DecisionRow(verdict.seq(), position, sent.event().id(), body);
    }
    Map<String, Object> event = new TreeMap<>();
    boolean resumes = verdict.status() == BatchStatus.RUNNING;
    event.put("type", resumes ? "OPENED" : "ENDED");
    if (resumes) {
      event.put("resume", true);
    } else {
      event.put(
          "status",
          verdict.requested() == null ? verdict.status().name() : verdict.requested().name());
    }
    if (verdict.message() != null) {
      event.put("message", verdict.message());
    }
    byte[] canonical = CanonicalJson.text(event).getBytes(StandardCharsets.UTF_8);
    return new DecisionRow(
        verdict.seq(), null, null, bodies.decision(verdict.seq(), canonical, null, null, verdict));
  }
}
