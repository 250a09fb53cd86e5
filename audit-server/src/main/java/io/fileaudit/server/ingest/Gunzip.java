package io.fileaudit.server.ingest;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Unpacks a gzip stream (RFC 1952), of one member or several, as it comes, and gives up where it
 * grows beyond all measure. One per request; it is closed from any thread.
 */
final class Gunzip {
  /** How many times its own size a body may unpack to. */
  static final int MAX_RATIO = 200;

  /**
   * What a body may unpack to whatever its ratio, in bytes: a short one may well be all repetition.
   */
  static final int ALWAYS_ALLOWED = 1024 * 1024;

  private static final int PIECE = 32 * 1024;
  private static final int TRAILER_BYTES = 8;

  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private final byte[] room = new byte[PIECE];
  private final byte[] trailer = new byte[TRAILER_BYTES];
  private @Nullable GzipHeader header = new GzipHeader();
  private int trailerLength;
  private boolean inData;
  private boolean moreToCome;
  private boolean between = true;
  private boolean closed;
  private long packed;
  private long unpacked;

  private Gunzip() {}

  /**
   * The unpacked stream. Lazy; keeps demand: no more is unpacked than is asked for. Errors: {@code
   * malformed-json} where it is no gzip or cut off, {@code too-large}.
   */
  static Flux<byte[]> of(Flux<byte[]> body) {
    return Flux.using(
        Gunzip::new,
        gunzip -> body.concatMapIterable(gunzip::pieces, 1).concatWith(Mono.defer(gunzip::end)),
        Gunzip::close);
  }

  private Iterable<byte[]> pieces(byte[] bytes) {
    return () ->
        new Iterator<>() {
          private int at;

          @Override
          public boolean hasNext() {
            synchronized (Gunzip.this) {
              at = skipFrame(bytes, at);
              return inData && !closed && (at < bytes.length || moreToCome);
            }
          }

          @Override
          public byte[] next() {
            synchronized (Gunzip.this) {
              if (!hasNext()) {
                throw new NoSuchElementException();
              }
              if (inflater.needsInput() && at < bytes.length) {
                inflater.setInput(bytes, at, bytes.length - at);
              }
              byte[] piece = inflate();
              at = bytes.length - inflater.getRemaining();
              return piece;
            }
          }
        };
  }

  /** Reads headers and trailers, up to the next byte of compressed data. */
  private int skipFrame(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && !inData && !closed) {
      between = false;
      byte b = bytes[at++];
      packed++;
      if (header == null) {
        trailer[trailerLength++] = b;
        if (trailerLength == TRAILER_BYTES) {
          finishMember();
        }
      } else if (header.isComplete(b)) {
        inData = true;
      }
    }
    return at;
  }

  private byte[] inflate() {
    try {
      long before = inflater.getBytesRead();
      int length = inflater.inflate(room);
      packed += inflater.getBytesRead() - before;
      unpacked += length;
      moreToCome = length == PIECE;
      checksum.update(room, 0, length);
      if (inflater.needsDictionary()) {
        throw malformed("it needs a dictionary");
      }
      if (inflater.finished()) {
        inData = false;
        header = null;
        trailerLength = 0;
      }
      if (unpacked > ALWAYS_ALLOWED && unpacked > packed * MAX_RATIO) {
        throw new AuditException(
            ProblemType.TOO_LARGE,
            "the body unpacks to more than " + MAX_RATIO + " times its size");
      }
      return Arrays.copyOf(room, length);
    } catch (DataFormatException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
  }

  private void finishMember() {
    if (number(0) != checksum.getValue()
        || number(4) != (inflater.getBytesWritten() & 0xffff_ffffL)) {
      throw malformed("its checksum or length does not fit");
    }
    inflater.reset();
    checksum.reset();
    header = new GzipHeader();
    between = true;
  }

  private long number(int from) {
    long number = 0;
    for (int i = 3; i >= 0; i--) {
      number = number << 8 | trailer[from + i] & 0xff;
    }
    return number;
  }

  private Mono<byte[]> end() {
    return between ? Mono.empty() : Mono.error(malformed("it is cut off"));
  }

  private synchronized void close() {
    closed = true;
    inflater.end();
  }

  static AuditException malformed(String detail) {
    return new AuditException(
        ProblemType.MALFORMED_JSON, "the body cannot be read as gzip: " + detail);
  }
}
