package io.fileaudit.core.evidence;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Writes a ZIP file piece by piece as it is read; never holds more than a piece of it. */
final class ZipFlux {
  /** How many parts become one piece. */
  private static final int PARTS = 512;

  /** The same files make the same bytes; the first moment that a ZIP file can say. */
  private static final long TIME = 315_619_200_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final ZipOutputStream zip = new ZipOutputStream(bytes);

  private ZipFlux() {
    zip.setLevel(Deflater.BEST_SPEED);
  }

  /**
   * The beginning of a file, or something of the one that was begun.
   *
   * @param name the file that begins; null for content
   * @param content what it has; null where a file begins
   */
  record Part(@Nullable String name, byte @Nullable [] content) {}

  /** The pieces of a ZIP file of those parts. Lazy; parts are read as pieces are requested. */
  static Flux<byte[]> of(Flux<Part> parts) {
    return Flux.defer(
        () -> {
          ZipFlux writing = new ZipFlux();
          return parts
              .buffer(PARTS)
              .concatMap(some -> Mono.justOrEmpty(writing.write(some)), 1)
              .concatWith(Mono.fromSupplier(writing::end));
        });
  }

  private byte @Nullable [] write(List<Part> parts) {
    try {
      for (Part part : parts) {
        if (part.name() == null) {
          zip.write(Objects.requireNonNull(part.content()));
        } else {
          ZipEntry entry = new ZipEntry(part.name());
          entry.setTime(TIME);
          zip.putNextEntry(entry);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.size() == 0 ? null : taken();
  }

  private byte[] end() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return taken();
  }

  private byte[] taken() {
    byte[] piece = bytes.toByteArray();
    bytes.reset();
    return piece;
  }
}
