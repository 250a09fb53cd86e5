package io.fileaudit.core.ledger;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.event.Ack;
import io.fileaudit.api.event.Event;
import io.fileaudit.api.event.FileEvent;
import io.fileaudit.api.event.Heartbeat;
import io.fileaudit.api.event.Lineage;
import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.evidence.CompactRange;
import io.fileaudit.api.evidence.Hash;
import io.fileaudit.api.evidence.TreeHead;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.batch.BatchState;
import io.fileaudit.core.batch.Tally;
import io.fileaudit.core.file.FileAccount;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a commit does with a chunk: judges every line by itself, numbers what is new, joins it to
 * the files' accounts and moves the figures by the difference. A pure function of the locked batch,
 * what the ledger knows, and the store's clock; a store only carries it out.
 *
 * @param state the batch afterwards
 * @param rows new ledger rows, in order
 * @param accounts accounts that changed, by file
 * @param refused lines that were not accepted and are to be kept
 * @param replayed numbers of refused events that were taken now
 * @param firstPosition the least position accepted; null where none has one
 * @param lastPosition the greatest position accepted; null where none has one
 * @param ack what the sender is told after the commit
 * @param active whether the batch was heard of, so that its clocks move although nothing was
 *     accepted
 */
public record CommitPlan(
    BatchState state,
    List<LedgerRow> rows,
    Map<String, FileAccount> accounts,
    List<RefusedLine> refused,
    List<Long> replayed,
    @Nullable Long firstPosition,
    @Nullable Long lastPosition,
    Ack ack,
    boolean active) {

  /** How far ahead of the store's clock the time of an event may be. */
  public static final Duration MAX_AHEAD = Duration.ofHours(1);

  /**
   * A new row of the ledger.
   *
   * @param seq its number
   * @param position the producer's position, where it is a key
   * @param id the event's own key
   * @param body its text
   * @param leaf its leaf in the tree
   */
  public record LedgerRow(
      long seq, @Nullable Long position, @Nullable String id, byte[] body, Hash leaf) {
    /** The row whose leaf is that of its text. */
    LedgerRow(long seq, @Nullable Long position, @Nullable String id, byte[] body) {
      this(seq, position, id, body, Hash.leaf(body));
    }
  }

  /**
   * A line that was not accepted, as it is kept.
   *
   * @param refusal why
   * @param text what came, or its beginning
   * @param position the position that it gave
   * @param id the id that it gave
   * @param isCorrected whether a later line of the same chunk came right under its position or id
   */
  public record RefusedLine(
      Refusal refusal,
      byte[] text,
      @Nullable Long position,
      @Nullable String id,
      boolean isCorrected) {
    RefusedLine(Refusal refusal, byte[] text, @Nullable Long position, @Nullable String id) {
      this(refusal, text, position, id, false);
    }

    RefusedLine corrected() {
      return new RefusedLine(refusal, text, position, id, true);
    }
  }

  /**
   * What is wrong with the time of an event that lies too far ahead; null where nothing is.
   *
   * @param name of the member that says the time
   */
  public static @Nullable String ahead(String name, @Nullable Instant at, Instant now) {
    return at == null || !at.isAfter(now.plus(MAX_AHEAD))
        ? null
        : name + " is " + at + ", more than " + MAX_AHEAD + " ahead of the service's clock, " + now;
  }

  /** The files whose accounts a plan needs. */
  public static java.util.Set<String> filesOf(Chunk chunk) {
    java.util.Set<String> files = new java.util.HashSet<>();
    for (Line line : chunk.lines()) {
      if (line instanceof Line.Readable readable && readable.event() instanceof FileEvent event) {
        files.add(event.file());
      }
    }
    return files;
  }

  /**
   * Plans the commit of a chunk.
   *
   * @param chunk the lines; none of them ENDED, which is a decision of its own
   * @param spec how the batch was opened
   * @param state the batch under its lock
   * @param known what the ledger has under the chunk's keys
   * @param accounts the present accounts of the chunk's files; one that is not there is unknown
   * @param now the store's clock, read after the lock was held
   */
  public static CommitPlan of(
      Chunk chunk,
      BatchSpec spec,
      BatchState state,
      Known known,
      Map<String, FileAccount> accounts,
      Instant now) {
    return new Judge(chunk, spec, state, known, accounts, now, false).judge();
  }

  /** The same plan, after which the batch is in another state. */
  public CommitPlan withState(BatchState after) {
    return new CommitPlan(
        after, rows, accounts, refused, replayed, firstPosition, lastPosition, ack, active);
  }

  private static final class Judge {
    private final Chunk chunk;
    private final BatchSpec spec;
    private final BatchState state;
    private final Known known;

    /** Whether the chunk as a whole is too much, so that each event has to be looked at. */
    private final boolean isFull;

    private final Map<String, FileAccount> accounts;
    private final Instant now;
    private final LedgerBody bodies;
    private final List<LedgerRow> rows = new ArrayList<>();
    private final List<Line.Readable> accepted = new ArrayList<>();
    private final List<RefusedLine> refused = new ArrayList<>();
    private final List<Long> replayed = new ArrayList<>();
    private final Map<String, FileAccount> touched = new HashMap<>();
    private @Nullable Known brought;
    private @Nullable Long firstPosition;
    private @Nullable Long lastPosition;
    private final Map<String, FileAccount> standing = new HashMap<>();
    private Tally sum;
    private long duplicates;
    private boolean heard;
    private boolean starts;
    private @Nullable Lineage report;

    private Judge(
        Chunk chunk,
        BatchSpec spec,
        BatchState state,
        Known known,
        Map<String, FileAccount> accounts,
        Instant now,
        boolean isFull) {
      this.isFull = isFull;
      this.sum = state.tally();
      this.chunk = chunk;
      this.spec = spec;
      this.state = state;
      this.known = known;
      this.accounts = accounts;
      this.now = now;
      this.bodies = new LedgerBody(chunk.batch().id(), chunk.producer(), state.run(), now);
    }

    private CommitPlan judge() {
      long lastLine = 0;
      for (Line line : chunk.lines()) {
        lastLine = line.number();
        if (chunk.isReplay() && !known.open().contains(line.number())) {
          duplicates++;
        } else if (line instanceof Line.Unreadable unreadable) {
          refused.add(
              new RefusedLine(
                  unreadable.refusal(), unreadable.text(), unreadable.position(), unreadable.id()));
        } else if (line instanceof Line.Readable readable) {
          judge(readable);
        }
      }
      return plan(lastLine);
    }

    private void judge(Line.Readable line) {
      Event event = line.event();
      Long position = chunk.positionOf(event);
      Known.Match match =
          event instanceof Heartbeat
              ? Known.Match.NEW
              : known.match(event, position, line.canonical(), broughtBefore(event, position));
      if (match == Known.Match.REPEAT) {
        duplicates++;
        replayed(line);
        heard |= state.status().isOpen() && chunk.run() == state.run();
        return;
      }
      Refusal refusal = match == Known.Match.CONFLICT ? keyConflict(line, position) : refusal(line);
      if (refusal != null) {
        refused.add(new RefusedLine(refusal, line.canonical(), position, event.id()));
        return;
      }
      heard |= !(event instanceof Lineage report && report.isAnnotation());
      replayed(line);
      if (!(event instanceof Heartbeat)) {
        accept(line, position);
      }
    }

    /**
     * What this chunk itself has brought so far. As long as positions rise and there are no ids,
     * none of it can be met again, and no note is taken of it.
     */
    private Known broughtBefore(Event event, @Nullable Long position) {
      boolean rises = position == null || lastPosition == null || position > lastPosition;
      if (brought == null && (event.id() != null || !rises)) {
        brought = Known.growing();
        for (Line.Readable line : accepted) {
          brought.add(line.event(), chunk.positionOf(line.event()), line.canonical());
        }
      }
      return brought == null ? Known.NOTHING : brought;
    }

    private void replayed(Line line) {
      if (chunk.isReplay()) {
        replayed.add(line.number());
      }
    }

    private @Nullable Refusal refusal(Line.Readable line) {
      if (chunk.run() != state.run()) {
        return Refusal.of(
            line.number(),
            ProblemType.STALE_RUN,
            "the message is for run " + chunk.run() + ", the present run is " + state.run());
      }
      if (!state.status().isOpen() && chunk.kind() != Chunk.Kind.REPORT) {
        return Refusal.of(
            line.number(),
            ProblemType.BATCH_ENDED,
            state.status() == BatchStatus.COMPLETED
                ? "the batch is COMPLETED, for good; open another one"
                : "the batch is " + state.status() + "; resume it first");
      }
      String ahead = ahead("at", line.event().at(), now);
      if (ahead != null) {
        return Refusal.of(line.number(), ProblemType.INVALID_EVENT, ahead);
      }
      return isFull && line.event() instanceof FileEvent event && exceeds(event)
          ? Refusal.of(
              line.number(),
              ProblemType.INVALID_EVENT,
              "with this event the figures of the batch's files together would exceed 2^53−1")
          : null;
    }

    /** Whether an event is too much for what the batch has with all that was accepted before it. */
    private boolean exceeds(FileEvent event) {
      String file = event.file();
      FileAccount before = standing.containsKey(file) ? standing.get(file) : accounts.get(file);
      FileAccount said = FileAccount.of(event, state.run(), now);
      FileAccount after = before == null ? said : before.join(said);
      Tally without = before == null ? sum : sum.minus(Tally.of(file, before, spec));
      Tally with = without.plus(Tally.of(file, after, spec));
      if (with.isBeyondBounds()) {
        return true;
      }
      sum = with;
      standing.put(file, after);
      return false;
    }

    private Refusal keyConflict(Line.Readable line, @Nullable Long position) {
      boolean byPosition =
          position != null
              && (known.byPosition().containsKey(position)
                  || broughtBefore(line.event(), position).byPosition().containsKey(position));
      String key = byPosition ? "position " + position : "id \"" + line.event().id() + "\"";
      return Refusal.of(
          line.number(),
          ProblemType.KEY_CONFLICT,
          key + " was used before for an event with other content");
    }

    private void accept(Line.Readable line, @Nullable Long position) {
      Event event = line.event();
      long seq = state.nextSeq() + rows.size();
      rows.add(
          new LedgerRow(
              seq,
              position,
              event.id(),
              bodies.event(seq, line.canonical(), position, event.id())));
      accepted.add(line);
      if (brought != null) {
        brought.add(event, position, line.canonical());
      }
      if (position != null) {
        firstPosition = firstPosition == null ? position : Math.min(firstPosition, position);
        lastPosition = lastPosition == null ? position : Math.max(lastPosition, position);
      }
      if (event instanceof FileEvent about) {
        starts = true;
        touched.merge(about.file(), FileAccount.of(about, state.run(), now), FileAccount::join);
      } else if (event instanceof Lineage said) {
        report = said;
        starts |= !said.isAnnotation();
      }
    }

    private CommitPlan plan(long lastLine) {
      Tally tally = state.tally();
      Map<String, FileAccount> changed = new LinkedHashMap<>();
      for (Map.Entry<String, FileAccount> entry : touched.entrySet()) {
        String file = entry.getKey();
        FileAccount before = accounts.get(file);
        FileAccount after = before == null ? entry.getValue() : before.join(entry.getValue());
        if (!after.equals(before)) {
          changed.put(file, after);
          tally = before == null ? tally : tally.minus(Tally.of(file, before, spec));
          tally = tally.plus(Tally.of(file, after, spec));
          if (tally.isBeyondBounds()) {
            return new Judge(chunk, spec, state, known, accounts, now, true).judge();
          }
        }
      }
      if (report != null) {
        tally = tally.withOutput(report.outputRows(), report.outputBytes());
      }
      CompactRange.Growing ledger = state.tree().grow();
      rows.forEach(row -> ledger.add(row.leaf()));
      CompactRange grown = ledger.range();
      BatchState after =
          state.status().isOpen()
              ? state.committed(
                  grown,
                  !rows.isEmpty()
                      || !replayed.isEmpty()
                      || !(refused.isEmpty() || chunk.isReplay()),
                  starts,
                  heard,
                  !changed.isEmpty(),
                  tally,
                  now)
              : state.reported(grown, !rows.isEmpty() || !refused.isEmpty(), starts, tally);
      return new CommitPlan(
          after,
          rows,
          changed,
          chunk.isReplay() ? List.of() : refusedAndCorrected(),
          replayed,
          firstPosition,
          lastPosition,
          ack(after, lastLine),
          heard);
    }

    /** The refused lines, with those marked that a later line of this chunk put right. */
    private List<RefusedLine> refusedAndCorrected() {
      if (refused.isEmpty() || accepted.isEmpty()) {
        return refused;
      }
      Map<Object, Long> lastAccepted = new HashMap<>();
      for (Line.Readable line : accepted) {
        Long position = chunk.positionOf(line.event());
        if (position != null) {
          lastAccepted.put(position, line.number());
        }
        if (line.event().id() != null) {
          lastAccepted.put(line.event().id(), line.number());
        }
      }
      return refused.stream()
          .map(
              line ->
                  isBefore(line, chunk.producer() == null ? null : line.position(), lastAccepted)
                          || isBefore(line, line.id(), lastAccepted)
                      ? line.corrected()
                      : line)
          .toList();
    }

    private static boolean isBefore(
        RefusedLine line, @Nullable Object key, Map<Object, Long> lastAccepted) {
      return key != null && line.refusal().line() < lastAccepted.getOrDefault(key, 0L);
    }

    private Ack ack(BatchState after, long lastLine) {
      return new Ack(
          rows.size(),
          duplicates,
          duplicates > 0 && rows.isEmpty() && refused.isEmpty(),
          refused.size(),
          refused.stream().map(RefusedLine::refusal).toList(),
          rows.isEmpty() ? null : rows.get(0).seq(),
          rows.isEmpty() ? null : rows.get(rows.size() - 1).seq(),
          lastLine,
          after.run(),
          after.status(),
          after.version(),
          after.status().isOpen() ? null : after.verdict(),
          TreeHead.of(after.tree()));
    }
  }
}
