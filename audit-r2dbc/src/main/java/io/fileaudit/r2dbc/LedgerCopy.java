package io.fileaudit.r2dbc;

import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.CommitPlan.LedgerRow;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Writes ledger rows by COPY, in PostgreSQL's text format: columns parted by tabs, backslash, tab
 * and line ends escaped. Gathers the rows in frames of a fitting size; not thread-safe.
 */
final class LedgerCopy {
  private static final String SQL =
      "COPY ledger (namespace, batch, seq, event_id, body) FROM STDIN";
  private static final int FRAME_BYTES = 192 * 1024;
  private static final byte[] NULL = {'\\', 'N'};

  private final List<ByteBuf> frames = new ArrayList<>();
  private byte[] frame = new byte[FRAME_BYTES];
  private int length;
  private long rows;

  void add(BatchKey batch, LedgerRow row) {
    add(batch, row.seq(), row.id(), row.body());
  }

  void add(BatchKey batch, long seq, @Nullable String id, byte[] body) {
    append(batch.namespace().getBytes(StandardCharsets.UTF_8));
    put('\t');
    append(batch.id().toString().getBytes(StandardCharsets.US_ASCII));
    put('\t');
    append(Long.toString(seq).getBytes(StandardCharsets.US_ASCII));
    put('\t');
    if (id == null) {
      room(NULL.length);
      System.arraycopy(NULL, 0, frame, length, NULL.length);
      length += NULL.length;
    } else {
      append(id.getBytes(StandardCharsets.UTF_8));
    }
    put('\t');
    append(body);
    put('\n');
    rows++;
    if (length >= FRAME_BYTES - 1024) {
      flush();
    }
  }

  private void append(byte[] text) {
    room(2 * text.length);
    for (byte b : text) {
      switch (b) {
        case '\\' -> escape('\\');
        case '\n' -> escape('n');
        case '\r' -> escape('r');
        case '\t' -> escape('t');
        default -> frame[length++] = b;
      }
    }
  }

  private void escape(char c) {
    frame[length++] = '\\';
    frame[length++] = (byte) c;
  }

  private void put(char c) {
    room(1);
    frame[length++] = (byte) c;
  }

  private void room(int more) {
    if (frame.length - length < more) {
      frame = Arrays.copyOf(frame, Math.max(frame.length * 2, length + more));
    }
  }

  private void flush() {
    if (length > 0) {
      frames.add(Unpooled.wrappedBuffer(frame, 0, length));
      frame = new byte[FRAME_BYTES];
      length = 0;
    }
  }

  /** Sends the rows; must be called once. */
  Mono<Void> send(PostgresqlConnection connection) {
    flush();
    if (frames.isEmpty()) {
      return Mono.empty();
    }
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
