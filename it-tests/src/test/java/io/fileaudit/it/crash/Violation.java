package io.fileaudit.it.crash;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that a crash must never lead to.
 *
 * @param batch in which it was found; null where it is of no single one
 */
record Violation(Rule rule, @Nullable UUID batch, String detail) {

  /** What must hold whatever crashes. */
  enum Rule {
    ACKNOWLEDGED_IS_STORED,
    TAKEN_WHILE_OPEN,
    STORED_WAS_SENT,
    STORED_ONCE,
    NUMBERS_HAVE_NO_GAP,
    TOTALS_ARE_THOSE_OF_THE_LEDGER,
    ONE_ENDING,
    NOTHING_AFTER_THE_ENDING,
    COMPLETED_HIDES_NOTHING,
    NO_VERDICT_BEFORE_ITS_LIMIT,
    ABANDONED_IS_JUDGED_IN_TIME,
    HEADS_ARE_OF_THE_LEDGER,
    SEALS_ARE_OF_THE_LOG,
    REFUSED_RECORD_IS_KEPT,
    FEED_TELLS_ALL_ONCE,
    ANSWERS_QUICKLY_AGAIN,
    MEMORY_AND_POOL_RECOVER
  }
}
