package io.fileaudit.core.store;

import io.fileaudit.api.evidence.Sha256;
import io.fileaudit.core.ledger.Chunk;
import io.fileaudit.core.ledger.CommitPlan;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How refused events are kept: the same one once, and so many of a batch by name; the rest are only
 * counted.
 */
public final class RejectedRules {
  /** How many refused events of a batch are kept by name. */
  public static final int MOST_KEPT = 10_000;

  /** The resolution of a refused event that came right later. */
  public static final String REPLAYED = "replayed";

  /** The resolution of a refused event that somebody took off the account. */
  public static final String DISMISSED = "dismissed";

  private static final String OVERFLOW = "overflow:";

  private RejectedRules() {}

  /**
   * The name under which a refused line is kept: equal for the same text of the same producer,
   * refused for the same reason in the same run. Another producer's position is another event. The
   * text may be a beginning, so what could be read of its keys counts.
   */
  public static String name(CommitPlan.RefusedLine line, Chunk chunk) {
    MessageDigest digest = Sha256.begin();
    digest.update(line.refusal().type().getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    digest.update(String.valueOf(chunk.run()).getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    digest.update(String.valueOf(chunk.producer()).getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    digest.update((line.position() + "\0" + line.id() + "\0").getBytes(StandardCharsets.UTF_8));
    digest.update(line.text());
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The name under which refused lines of that kind are counted when no more are kept. */
  public static String overflowName(CommitPlan.RefusedLine line) {
    return OVERFLOW + line.refusal().type();
  }

  /** Whether that name is one under which lines are only counted. */
  public static boolean isOverflow(String name) {
    return name.startsWith(OVERFLOW);
  }

  /** Whether a line refused with that status was unreadable or invalid in itself. */
  public static boolean isInvalid(int status) {
    return status == 400 || status == 413 || status == 422;
  }

  /** The text as it is kept: readable as UTF-8, and without what a database cannot hold. */
  public static String text(byte[] bytes) {
    return clean(new String(bytes, StandardCharsets.UTF_8));
  }

  /** A text without what a database cannot hold. */
  public static String clean(String text) {
    return text.replace('\0', '\ufffd');
  }

  static Rejected first(
      long number, String name, CommitPlan.RefusedLine line, Chunk chunk, Instant now) {
    return new Rejected(
        number,
        line.refusal().type(),
        line.refusal().status(),
        line.refusal().detail(),
        text(line.text()),
        chunk.producer(),
        line.position(),
        line.id(),
        chunk.run(),
        1,
        now,
        now,
        isOverflow(name),
        resolution(line));
  }

  /**
   * How a line is kept that this commit refuses: as replayed where the same commit put it right.
   */
  public static @Nullable String resolution(CommitPlan.RefusedLine line) {
    return line.isCorrected() ? REPLAYED : null;
  }

  /**
   * One that came again. What is only counted begins anew once it was dismissed: these are others.
   */
  static Rejected again(Rejected kept, Instant now) {
    boolean anew = kept.onlyCounted() && kept.resolution() != null;
    return copy(kept, anew ? 1 : kept.times() + 1, now, anew ? null : kept.resolution());
  }

  static Rejected resolved(Rejected kept, String resolution) {
    return copy(kept, kept.times(), kept.lastAt(), resolution);
  }

  private static Rejected copy(
      Rejected kept, long times, Instant lastAt, @Nullable String resolution) {
    return new Rejected(
        kept.number(),
        kept.type(),
        kept.status(),
        kept.detail(),
        kept.text(),
        kept.producer(),
        kept.position(),
        kept.id(),
        kept.run(),
        times,
        kept.firstAt(),
        lastAt,
        kept.onlyCounted(),
        resolution);
  }
}
