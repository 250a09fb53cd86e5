package io.fileaudit.r2dbc;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcTimeoutException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.pool.PoolAcquirePendingLimitException;
import reactor.pool.PoolShutdownException;

/**
 * What an error of the database means: the one place that looks at SQLSTATE. The driver's own types
 * are not relied on, because they call a full disk and a shutdown permanent.
 */
public final class PostgresErrors {
  /** Said of a database that answers and takes nothing. */
  static final String READ_ONLY =
      "the database is read-only now: a standby, or a recovery that was not ended";

  private static final String READ_ONLY_STATE = "25006";

  private PostgresErrors() {}

  /** The error as callers see it; one that says nothing of the store's reach stays as it is. */
  static Throwable map(Throwable error) {
    if (error instanceof AuditException) {
      return error;
    }
    return isAway(error)
        ? new AuditException(ProblemType.UNAVAILABLE, reason(error), error)
        : error;
  }

  /** Whether trying again later may help: nothing was wrong with the statement itself. */
  public static boolean isAway(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof R2dbcException database && database.getSqlState() != null) {
        return isAway(database.getSqlState());
      }
      if (cause instanceof IOException
          || cause instanceof TimeoutException
          || cause instanceof R2dbcTimeoutException
          || cause instanceof R2dbcNonTransientResourceException
          || cause instanceof PoolAcquirePendingLimitException
          || cause instanceof PoolShutdownException) {
        return true;
      }
    }
    return false;
  }

  /** Whether transactions waited for each other, of which this one gave way. */
  static boolean isDeadlock(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof R2dbcException database && "40P01".equals(database.getSqlState())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isAway(String sqlState) {
    return sqlState.startsWith("08") // connection
        || sqlState.startsWith("53") // resources: disk, memory, connections
        || sqlState.startsWith("57P") // shutdown, crash, starting up
        || sqlState.equals("57014") // statement_timeout
        || sqlState.equals("55P03") // lock_timeout
        || sqlState.equals("40001") // serialization
        || sqlState.equals("40P01") // deadlock
        || sqlState.equals(READ_ONLY_STATE);
  }

  private static String reason(Throwable error) {
    @Nullable String state = null;
    for (Throwable cause = error; cause != null && state == null; cause = cause.getCause()) {
      state = cause instanceof R2dbcException database ? database.getSqlState() : null;
    }
    if (READ_ONLY_STATE.equals(state)) {
      return READ_ONLY;
    }
    return "the database does not answer now: "
        + (state == null ? error.getClass().getSimpleName() : "SQLSTATE " + state);
  }
}
