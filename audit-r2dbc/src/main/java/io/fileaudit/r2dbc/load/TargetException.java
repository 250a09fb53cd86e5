package io.fileaudit.r2dbc.load;

import org.jspecify.annotations.Nullable;

/** Why the database did not do what a load asked of it. Never shows a password. */
public sealed class TargetException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final @Nullable String sqlState;

  private TargetException(String message, @Nullable String sqlState, @Nullable Throwable cause) {
    super(message, cause);
    this.sqlState = sqlState;
  }

  /** The database's own code; null where it said nothing. */
  public @Nullable String sqlState() {
    return sqlState;
  }

  /** It cannot be reached, or cannot work now; trying again may help. */
  public static final class Away extends TargetException {
    private static final long serialVersionUID = 1L;

    public Away(String message, @Nullable String sqlState, @Nullable Throwable cause) {
      super(message, sqlState, cause);
    }
  }

  /** It refuses for a reason that stays. */
  public static final class Refused extends TargetException {
    private static final long serialVersionUID = 1L;

    public Refused(String message, @Nullable String sqlState, @Nullable Throwable cause) {
      super(message, sqlState, cause);
    }
  }

  /** A row among those copied cannot be stored; none of them was. */
  public static final class BadRow extends TargetException {
    private static final long serialVersionUID = 1L;
    private final int row;

    /**
     * Says which.
     *
     * @param row the number of the row among them, from 1; 0 where the database did not say
     */
    public BadRow(String message, @Nullable String sqlState, int row, @Nullable Throwable cause) {
      super(message, sqlState, cause);
      this.row = row;
    }

    /** The number of the row among those copied, from 1; 0 where that is not known. */
    public int row() {
      return row;
    }
  }
}
