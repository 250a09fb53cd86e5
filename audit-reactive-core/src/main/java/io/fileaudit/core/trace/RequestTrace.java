package io.fileaudit.core.trace;

import io.fileaudit.core.ledger.Chunk;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * The trace of a request, as it stands in the Reactor context under this class. Where nothing is
 * traced none is there, and {@link #NONE} costs nothing. Thread-safe.
 */
public interface RequestTrace {
  /** No trace. */
  RequestTrace NONE =
      new RequestTrace() {
        @Override
        public Commit commit(Chunk chunk, int together) {
          return Commit.NONE;
        }

        @Override
        public void within(Runnable work) {
          work.run();
        }
      };

  /** A commit that was begun. */
  @FunctionalInterface
  interface Commit {
    /** One that is not traced. */
    Commit NONE = failure -> {};

    /** It has ended; with that failure, or well where there is none. To be called once. */
    void end(@Nullable Throwable failure);
  }

  /** The trace of that context. */
  static RequestTrace of(ContextView context) {
    return context.hasKey(RequestTrace.class) ? context.get(RequestTrace.class) : NONE;
  }

  /**
   * The commit of a chunk begins.
   *
   * @param together how many chunks are in the commit
   */
  Commit commit(Chunk chunk, int together);

  /** Does something at once, in this thread; what it logs names the trace. */
  void within(Runnable work);
}
