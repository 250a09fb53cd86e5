package io.fileaudit.server.ingest;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.io.ByteArrayOutputStream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Turns a JSON document, one event or an array of events, into lines as it comes, so that it takes
 * the way of NDJSON: each element is a line, numbered from 1. Looks at no more than is needed to
 * tell elements apart; the reader of lines judges them. One per request; not thread-safe.
 */
final class JsonLines {
  private enum Place {
    BEFORE,
    OBJECT,
    ARRAY,
    AFTER
  }

  private Place place = Place.BEFORE;
  private int depth;
  private boolean inString;
  private boolean escaped;
  private boolean elementBegun;
  private boolean separated;

  private JsonLines() {}

  /**
   * The lines. Lazy; keeps demand. Error: {@code malformed-json} where elements cannot be told
   * apart or the array is not closed.
   */
  static Flux<byte[]> of(Flux<byte[]> body) {
    return Flux.defer(
        () -> {
          JsonLines lines = new JsonLines();
          return body.map(lines::feed).concatWith(Mono.defer(lines::end));
        });
  }

  private byte[] feed(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 1);
    for (byte b : bytes) {
      switch (place) {
        case BEFORE -> before(b, out);
        case OBJECT -> out.write(isSpace(b) ? ' ' : b);
        case ARRAY -> inArray(b, out);
        case AFTER -> {
          if (!isSpace(b)) {
            throw malformed("something stands behind the array");
          }
        }
      }
    }
    return out.toByteArray();
  }

  private void before(byte b, ByteArrayOutputStream out) {
    if (b == '[') {
      place = Place.ARRAY;
    } else if (!isSpace(b)) {
      place = Place.OBJECT;
      out.write(b);
    }
  }

  private void inArray(byte b, ByteArrayOutputStream out) {
    if (inString) {
      inString = escaped || b != '"';
      escaped = !escaped && b == '\\';
      out.write(b);
    } else if (depth == 0 && b == ',') {
      endElement(out);
      separated = true;
    } else if (depth == 0 && b == ']') {
      if (elementBegun || separated) {
        endElement(out);
      }
      place = Place.AFTER;
    } else {
      inString = b == '"';
      depth += b == '{' || b == '[' ? 1 : b == '}' || b == ']' ? -1 : 0;
      elementBegun |= !isSpace(b);
      out.write(isSpace(b) ? ' ' : b);
    }
  }

  private void endElement(ByteArrayOutputStream out) {
    if (!elementBegun) {
      throw malformed("an element of the array is empty");
    }
    elementBegun = false;
    separated = false;
    out.write('\n');
  }

  private Mono<byte[]> end() {
    return place == Place.ARRAY ? Mono.error(malformed("the array is not closed")) : Mono.empty();
  }

  private static AuditException malformed(String detail) {
    return new AuditException(ProblemType.MALFORMED_JSON, detail);
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }
}
