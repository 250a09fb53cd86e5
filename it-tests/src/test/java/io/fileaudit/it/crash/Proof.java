package io.fileaudit.it.crash;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.it.crash.Account.Look;
import io.fileaudit.it.crash.Attempt.Outcome;
import java.util.List;
import java.util.Objects;

/**
 * How much a run has shown: one in which nothing went wrong, because little happened, has shown
 * nothing.
 *
 * @param batches batches that were opened
 * @param timedOut of them, those that were left to their limit
 * @param acknowledged lines that were accepted
 * @param duplicates lines that were known as repeats
 * @param refused lines that were refused by their number
 * @param answeredWhileBroken requests that were answered between the beginning of a fault and its
 *     healing
 * @param unknown requests of which nobody knew what became of them
 * @param unknownStored lines of such requests that turned out to be stored
 * @param unknownNotStored lines of such requests that turned out not to be
 * @param looks looks at batches meanwhile
 */
record Proof(
    long batches,
    long timedOut,
    long acknowledged,
    long duplicates,
    long refused,
    long answeredWhileBroken,
    long unknown,
    long unknownStored,
    long unknownNotStored,
    long looks) {

  static Proof of(List<Account> accounts, List<Struck> faults) {
    List<Attempt> attempts =
        accounts.stream().flatMap(account -> account.attempts().stream()).toList();
    List<Attempt> answered =
        attempts.stream().filter(attempt -> attempt.outcome() == Outcome.ANSWERED).toList();
    List<Attempt> resolved = answered.stream().filter(Attempt::again).toList();
    return new Proof(
        accounts.size(),
        accounts.stream()
            .map(Account::last)
            .filter(Objects::nonNull)
            .map(Look::status)
            .filter(BatchStatus.TIMED_OUT::equals)
            .count(),
        answered.stream().mapToLong(Attempt::accepted).sum(),
        answered.stream().mapToLong(Attempt::duplicates).sum(),
        answered.stream().mapToLong(Attempt::refused).sum(),
        answered.stream()
            .filter(attempt -> faults.stream().anyMatch(fault -> fault.holds(attempt)))
            .count(),
        attempts.stream().filter(attempt -> attempt.outcome() == Outcome.UNKNOWN).count(),
        resolved.stream().mapToLong(Attempt::duplicates).sum(),
        resolved.stream().mapToLong(Attempt::accepted).sum(),
        accounts.stream().mapToLong(Account::looks).sum());
  }
}
