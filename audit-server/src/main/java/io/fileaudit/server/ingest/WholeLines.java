package io.fileaudit.server.ingest;

import io.fileaudit.core.ingest.LineSplitter;
import java.util.Arrays;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Holds a line back until its end is there, so that a stream that the service itself cuts off ends
 * between two lines: half a line would be refused as malformed and held against the batch. One per
 * request; not thread-safe.
 */
final class WholeLines {
  private static final byte[] NOTHING = new byte[0];

  private byte[] begun = NOTHING;

  private WholeLines() {}

  /**
   * The stream until {@code cut} completes. Lazy; keeps demand; cancelling stops both. A line that
   * is begun then is left out; one without a line end at the end of the stream itself is not.
   */
  static Flux<byte[]> until(Flux<byte[]> body, Mono<Void> cut) {
    return Flux.defer(
        () -> {
          WholeLines lines = new WholeLines();
          return body.map(lines::feed)
              .concatWith(Mono.fromSupplier(() -> lines.begun))
              .takeUntilOther(cut);
        });
  }

  private byte[] feed(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    if (end == 0 && begun.length + bytes.length <= LineSplitter.MAX_BYTES) {
      begun = joined(begun, bytes, bytes.length);
      return NOTHING;
    }
    // What is longer than any line is refused anyway and need not be held.
    int given = end == 0 ? bytes.length : end;
    byte[] whole = begun.length == 0 && given == bytes.length ? bytes : joined(begun, bytes, given);
    begun = given == bytes.length ? NOTHING : Arrays.copyOfRange(bytes, given, bytes.length);
    return whole;
  }

  private static byte[] joined(byte[] first, byte[] second, int length) {
    byte[] both = Arrays.copyOf(first, first.length + length);
    System.arraycopy(second, 0, both, first.length, length);
    return both;
  }
}
