package io.fileaudit.r2dbc.load;

import io.fileaudit.r2dbc.PostgresErrors;
import io.r2dbc.postgresql.api.ErrorDetails;
import io.r2dbc.postgresql.api.PostgresqlException;
import io.r2dbc.spi.R2dbcException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an error of the database means for a load. */
final class LoadErrors {
  /** Raised by a trigger, and by a view that checks what goes through it. */
  private static final Set<String> OF_A_ROW = Set.of("P0001", "44000");

  private LoadErrors() {}

  static Throwable map(Throwable error) {
    if (error instanceof TargetException) {
      return error;
    }
    String state = stateOf(error);
    if (saysNoPassword(error)) {
      return new TargetException.Refused(
          "it asks for a password, and none was found: PGPASSWORD, or a line in ~/.pgpass",
          state,
          error);
    }
    return PostgresErrors.isAway(error)
        ? new TargetException.Away("the database does not answer: " + said(error), state, error)
        : new TargetException.Refused(said(error), state, error);
  }

  /** The driver takes it for one of the connection that it has no password to answer with. */
  private static boolean saysNoPassword(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (message.contains("assword") && message.contains("must not be")) {
        return true;
      }
    }
    return false;
  }

  /** Whether the fault is in the rows: data, constraints, what is too large for an index. */
  static boolean isOfARow(Throwable error) {
    String state = stateOf(error);
    return state != null
        && (state.startsWith("22")
            || state.startsWith("23")
            || state.startsWith("54")
            || OF_A_ROW.contains(state));
  }

  /** The error as one of the rows just copied, with the row's number where it is told. */
  static TargetException badRow(Throwable error, String table) {
    ErrorDetails details = detailsOf(error);
    String where = details == null ? "" : details.getWhere().orElse("");
    return new TargetException.BadRow(
        said(error), stateOf(error), CopyLine.of(where, table), error);
  }

  private static String said(Throwable error) {
    ErrorDetails details = detailsOf(error);
    if (details != null) {
      String column = details.getColumnName().map(name -> " (column " + name + ")").orElse("");
      return details.getMessage() + details.getDetail().map(text -> ": " + text).orElse(column);
    }
    Throwable cause = error;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }

  private static @Nullable ErrorDetails detailsOf(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof PostgresqlException known) {
        return known.getErrorDetails();
      }
    }
    return null;
  }

  private static @Nullable String stateOf(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof R2dbcException database && database.getSqlState() != null) {
        return database.getSqlState();
      }
    }
    return null;
  }
}
