package io.fileaudit.r2dbc;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.batch.Tally;
import io.fileaudit.core.file.FileAccount;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What this node wrote last of the batches that it writes, so that the next commit need not read
 * it. It holds as long as a batch's version is the one that was written with it, which shows only
 * under the batch's lock. Whoever takes it owns it until it is given back after the commit; where
 * that fails it is lost, never wrong. Bounded by the number of accounts; thread-safe.
 */
final class WrittenBatches {
  /** Accounts of all batches together: some hundred bytes each. */
  private static final int MOST_ACCOUNTS = 50_000;

  /** Accounts of one batch, so that a large one leaves room for others. */
  private static final int MOST_OF_A_BATCH = 20_000;

  /** What an entry costs beside its accounts, in accounts. */
  private static final int ENTRY = 4;

  /**
   * One batch.
   *
   * @param spec how it was opened, which never changes
   * @param version the version that the rest belongs to
   * @param tally its figures
   * @param producer whose mark is known; null where none is
   * @param mark where that producer stands
   * @param accounts accounts of some of its files
   */
  record Written(
      BatchSpec spec,
      long version,
      Tally tally,
      @Nullable String producer,
      CommitTransaction.@Nullable Mark mark,
      Map<String, FileAccount> accounts) {}

  private final Map<BatchKey, Written> batches = new LinkedHashMap<>();
  private int accounts;

  /** Takes out what is known of a batch. */
  synchronized @Nullable Written take(BatchKey key) {
    Written written = batches.remove(key);
    accounts -= written == null ? 0 : cost(written);
    return written;
  }

  /** Gives back what is known now; what was not written for the longest time makes room for it. */
  synchronized void give(BatchKey key, Written written) {
    take(key);
    trim(written.accounts());
    batches.put(key, written);
    accounts += cost(written);
    Iterator<Map.Entry<BatchKey, Written>> eldest = batches.entrySet().iterator();
    while (accounts > MOST_ACCOUNTS) {
      accounts -= cost(eldest.next().getValue());
      eldest.remove();
    }
  }

  private static int cost(Written written) {
    return written.accounts().size() + ENTRY;
  }

  /** Forgets everything, as where a connection broke: behind it may be another database now. */
  synchronized void clear() {
    batches.clear();
    accounts = 0;
  }

  /** Accounts by file, in the order in which they were used. */
  static Map<String, FileAccount> accounts() {
    return new LinkedHashMap<>(16, 0.75f, true);
  }

  /** Forgets those that were not used for the longest time. */
  private static void trim(Map<String, FileAccount> accounts) {
    Iterator<FileAccount> eldest = accounts.values().iterator();
    while (accounts.size() > MOST_OF_A_BATCH) {
      eldest.next();
      eldest.remove();
    }
  }
}
