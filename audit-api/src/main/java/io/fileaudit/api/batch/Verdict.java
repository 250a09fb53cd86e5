package io.fileaudit.api.batch;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A decision that changed a batch's status, with its reason and its evidence. All times are the
 * store's.
 *
 * @param status what the batch became
 * @param requested what was asked for, where somebody asked
 * @param reason why
 * @param limit which limit was over, where one was
 * @param after that limit's length
 * @param run the run that ended, or that began
 * @param seq the ledger number of the decision
 * @param openedAt when the run was opened
 * @param startedAt when its first event came
 * @param lastActivityAt when something was last heard
 * @param lastProgressAt when a manifest last changed
 * @param decidedAt when it was decided
 * @param node which node decided
 * @param by who asked
 * @param message what they said
 * @param findings what the account held against completing, where completing was asked for
 */
public record Verdict(
    BatchStatus status,
    @Nullable BatchStatus requested,
    VerdictReason reason,
    @Nullable LimitName limit,
    @Nullable Duration after,
    int run,
    long seq,
    Instant openedAt,
    @Nullable Instant startedAt,
    @Nullable Instant lastActivityAt,
    @Nullable Instant lastProgressAt,
    Instant decidedAt,
    String node,
    @Nullable String by,
    @Nullable String message,
    @Nullable Findings findings) {}
