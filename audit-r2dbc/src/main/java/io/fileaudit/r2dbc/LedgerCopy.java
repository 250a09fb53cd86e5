package io.fileaudit.r2dbc;

import io.fileaudit.api.evidence.Hash;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.CommitPlan.LedgerRow;
import io.fileaudit.core.store.OpenRules;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Writes ledger rows by COPY in PostgreSQL's binary format, which neither side has to escape or to
 * read digit by digit. Gathers the rows in frames of a fitting size; not thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, "Binary Format"</a>
 */
final class LedgerCopy {
  private static final String SQL =
      "COPY ledger (namespace, batch, seq, event_id, body, leaf) FROM STDIN (FORMAT binary)";
  private static final int FIRST_BYTES = 2 * 1024;
  private static final int FRAME_BYTES = 192 * 1024;
  private static final byte[] HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };
  private static final int COLUMNS = 6;
  private static final int NULL = -1;
  private static final int END = -1;

  private final List<ByteBuf> frames = new ArrayList<>();
  private ByteBuf frame = Unpooled.EMPTY_BUFFER;
  private long rows;
  private @Nullable BatchKey batch;
  private byte[] head = {};

  void add(BatchKey key, LedgerRow row) {
    add(key, row.seq(), row.id(), row.body(), row.leaf());
  }

  /** Adds a row that records a decision. */
  void add(BatchKey key, OpenRules.DecisionRow row) {
    add(key, row.seq(), row.id(), row.body(), Hash.leaf(row.body()));
  }

  private void add(BatchKey key, long seq, @Nullable String eventId, byte[] body, Hash leaf) {
    byte[] id = eventId == null ? null : eventId.getBytes(StandardCharsets.UTF_8);
    if (!key.equals(batch)) {
      batch = key;
      head = head(key);
    }
    room(head.length + 6 * Integer.BYTES + (id == null ? 0 : id.length) + body.length + Hash.BYTES);
    frame.writeBytes(head).writeInt(Long.BYTES).writeLong(seq);
    if (id == null) {
      frame.writeInt(NULL);
    } else {
      frame.writeInt(id.length).writeBytes(id);
    }
    frame.writeInt(body.length).writeBytes(body);
    frame.writeInt(Hash.BYTES).writeBytes(leaf.bytes());
    rows++;
  }

  /** What all rows of a batch begin with. */
  private static byte[] head(BatchKey key) {
    byte[] namespace = key.namespace().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Short.BYTES + 2 * Integer.BYTES + namespace.length + 2 * Long.BYTES)
        .putShort((short) COLUMNS)
        .putInt(namespace.length)
        .put(namespace)
        .putInt(2 * Long.BYTES)
        .putLong(key.id().getMostSignificantBits())
        .putLong(key.id().getLeastSignificantBits())
        .array();
  }

  /**
   * Sees to room for a row; one that is longer than a frame has one of its own. The first frame
   * grows as it must, since most commits have few rows.
   */
  private void room(int bytes) {
    if (frames.isEmpty()) {
      frame = Unpooled.buffer(FIRST_BYTES).writeBytes(HEADER);
      frames.add(frame);
    } else if (frame.readableBytes() + bytes > FRAME_BYTES) {
      frame = Unpooled.buffer(Math.max(FRAME_BYTES, bytes));
      frames.add(frame);
    }
  }

  /** Sends the rows; must be called once. */
  Mono<Void> send(PostgresqlConnection connection) {
    if (frames.isEmpty()) {
      return Mono.empty();
    }
    room(Short.BYTES);
    frame.writeShort(END);
    return connection
        .copyIn(SQL, Flux.fromIterable(frames))
        .flatMap(
            copied ->
                copied == rows
                    ? Mono.<Void>empty()
                    : Mono.error(
                        new IllegalStateException(
                            "COPY took " + copied + " of " + rows + " ledger rows")));
  }
}
