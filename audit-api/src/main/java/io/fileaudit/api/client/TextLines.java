package io.fileaudit.api.client;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;

/** Cuts bytes that arrive in any pieces into lines, without their line ends; blank lines vanish. */
final class TextLines {
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

  private TextLines() {}

  /**
   * The lines of a stream of bytes. Lazy, each subscription on its own; pieces are requested only
   * as lines are.
   */
  static Flux<byte[]> of(Flux<byte[]> pieces) {
    return Flux.defer(
        () -> {
          TextLines lines = new TextLines();
          return pieces
              .concatMapIterable(lines::whole, 1)
              .concatWith(Flux.defer(() -> Flux.fromIterable(lines.rest())));
        });
  }

  private List<byte[]> whole(byte[] piece) {
    List<byte[]> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < piece.length; i++) {
      if (piece[i] == '\n') {
        begun.write(piece, from, i - from);
        from = i + 1;
        lines.addAll(rest());
      }
    }
    begun.write(piece, from, piece.length - from);
    return lines;
  }

  private List<byte[]> rest() {
    byte[] line = begun.toByteArray();
    begun.reset();
    boolean blank = true;
    for (byte b : line) {
      blank &= b == ' ' || b == '\t' || b == '\r';
    }
    return blank ? List.of() : List.of(line);
  }
}
