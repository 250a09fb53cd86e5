package io.fileaudit.server.cli;

import io.fileaudit.r2dbc.load.LoadSession;
import io.fileaudit.r2dbc.load.TargetException;
import io.fileaudit.r2dbc.load.TargetTable;
import io.fileaudit.server.cli.load.BadRow;
import io.fileaudit.server.cli.load.BadRows;
import io.fileaudit.server.cli.load.RowChunk;
import io.fileaudit.server.cli.load.UnreadableFile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Copies chunks of rows, one after the other, and finds the rows that the database does not take:
 * those before one that it names are copied by themselves, it is left out, those behind it go on;
 * where it names none, halves are tried. No row goes over more than a few times, however many are
 * bad.
 *
 * <p>A chunk is copied while the caller reads the next. For one thread.
 */
final class ChunkCopy {
  /** Rows of a chunk that are still to be copied, in their order. */
  private record Piece(int from, int to) {
    int rows() {
      return to - from;
    }
  }

  private final LoadSession session;
  private final TargetTable table;
  private final List<String> columns;
  private final BadRows bad;
  private @Nullable RowChunk underWay;
  private @Nullable CompletableFuture<Long> copied;

  ChunkCopy(LoadSession session, TargetTable table, List<String> columns, BadRows bad) {
    this.session = session;
    this.table = table;
    this.columns = columns;
    this.bad = bad;
  }

  /** Begins with a chunk, which must not change until {@link #settle} has returned. */
  void begin(RowChunk chunk) {
    if (chunk.rows() > 0) {
      underWay = chunk;
      copied = copy(chunk, new Piece(0, chunk.rows()));
    }
  }

  /**
   * Waits for the chunk that was begun, and gives how many rows the table took of it.
   *
   * @throws UnreadableFile where there are too many bad rows
   * @throws TargetException where the fault is not in a row
   */
  long settle() throws UnreadableFile {
    RowChunk chunk = underWay;
    CompletableFuture<Long> future = copied;
    underWay = null;
    copied = null;
    if (chunk == null || future == null) {
      return 0;
    }
    Deque<Piece> left = new ArrayDeque<>();
    Piece piece = new Piece(0, chunk.rows());
    long rows = 0;
    while (true) {
      try {
        rows += Waiting.on(future);
      } catch (TargetException.BadRow e) {
        leaveOut(chunk, piece, e, left);
      }
      if (left.isEmpty()) {
        return rows;
      }
      piece = left.pop();
      future = copy(chunk, piece);
    }
  }

  /** Waits until nothing is under way any more, whatever became of it. */
  void quiet() {
    CompletableFuture<Long> future = copied;
    copied = null;
    if (future != null) {
      try {
        Waiting.on(future);
      } catch (TargetException e) {
        return; // The file is given up for another reason.
      }
    }
  }

  private void leaveOut(
      RowChunk chunk, Piece piece, TargetException.BadRow error, Deque<Piece> left)
      throws UnreadableFile {
    int row = piece.rows() == 1 ? 1 : error.row();
    if (row < 1 || row > piece.rows()) {
      int middle = piece.from() + piece.rows() / 2;
      left.push(new Piece(middle, piece.to()));
      left.push(new Piece(piece.from(), middle));
      return;
    }
    int index = piece.from() + row - 1;
    if (index + 1 < piece.to()) {
      left.push(new Piece(index + 1, piece.to()));
    }
    if (piece.from() < index) {
      left.push(new Piece(piece.from(), index));
    }
    bad.add(new BadRow(chunk.line(index), code(error), String.valueOf(error.getMessage())));
  }

  private static String code(TargetException error) {
    String state = String.valueOf(error.sqlState());
    return state.startsWith("22")
        ? "bad-value"
        : state.startsWith("23") ? "constraint-violation" : "refused-row";
  }

  private CompletableFuture<Long> copy(RowChunk chunk, Piece piece) {
    int from = chunk.begin(piece.from());
    int to = chunk.begin(piece.to());
    return session.copy(table, columns, chunk.bytes(), from, to).toFuture();
  }
}
