package io.fileaudit.server.ingest;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.ingest.EventReader;
import java.io.ByteArrayOutputStream;
import java.util.BitSet;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Turns a JSON document, one event or an array of events, into lines as it comes, so that it takes
 * the way of NDJSON: each element is a line, numbered from 1. Looks at no more than is needed to
 * tell elements apart; the reader of lines judges them. From brackets on that do not match, nothing
 * can be told apart any more: all that follows belongs to that element and is refused with it. One
 * per request; not thread-safe.
 */
final class JsonLines {
  /** What the document may be. */
  enum Shape {
    ONE,
    ARRAY,
    ANY
  }

  private enum Place {
    BEFORE,
    OBJECT,
    ARRAY,
    BROKEN,
    AFTER
  }

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  /** More levels do not fit into a line that is read. */
  private static final int MOST_LEVELS = EventReader.MAX_LINE_BYTES;

  private final Shape shape;
  private final BitSet squareLevels = new BitSet();
  private Place place = Place.BEFORE;
  private int marked;
  private int depth;
  private boolean inString;
  private boolean escaped;
  private boolean elementBegun;
  private boolean separated;

  private JsonLines(Shape shape) {
    this.shape = shape;
  }

  /**
   * The lines. Lazy; keeps demand. Errors: {@code malformed-json} where an element is empty, the
   * array is not closed, or something stands around it; {@code invalid-request} where it has not
   * that shape.
   */
  static Flux<byte[]> of(Flux<byte[]> body, Shape shape) {
    return Flux.defer(
        () -> {
          JsonLines lines = new JsonLines(shape);
          return body.map(lines::feed).concatWith(Mono.defer(lines::end));
        });
  }

  private byte[] feed(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 1);
    for (byte b : bytes) {
      switch (place) {
        case BEFORE -> before(b, out);
        case OBJECT -> text(b, out);
        case ARRAY -> inArray(b, out);
        case BROKEN -> out.write(isSpace(b) ? ' ' : b);
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
    if (marked < BYTE_ORDER_MARK.length && b == BYTE_ORDER_MARK[marked]) {
      marked++;
    } else if (marked > 0 && marked < BYTE_ORDER_MARK.length) {
      throw malformed("something stands before the JSON");
    } else if (b == '[') {
      check(Shape.ONE, "an array came where one CloudEvent was expected");
      place = Place.ARRAY;
    } else {
      marked = BYTE_ORDER_MARK.length;
      if (!isSpace(b)) {
        check(Shape.ARRAY, "expected an array of CloudEvents");
        place = Place.OBJECT;
        text(b, out);
      }
    }
  }

  private void check(Shape other, String detail) {
    if (shape == other) {
      throw new AuditException(ProblemType.INVALID_REQUEST, detail);
    }
  }

  private void inArray(byte b, ByteArrayOutputStream out) {
    if (inString || depth > 0) {
      element(b, out);
    } else if (b == ',') {
      endElement(out);
      separated = true;
    } else if (b == ']') {
      if (elementBegun || separated) {
        endElement(out);
      }
      place = Place.AFTER;
    } else {
      element(b, out);
    }
  }

  private void element(byte b, ByteArrayOutputStream out) {
    elementBegun |= !isSpace(b);
    if (!inString && !nests(b)) {
      place = Place.BROKEN;
    }
    text(b, out);
  }

  /** Follows brackets; false where one closes what it did not open. */
  private boolean nests(byte b) {
    return switch (b) {
      case '{', '[' -> {
        squareLevels.set(depth, b == '[');
        depth++;
        yield depth < MOST_LEVELS;
      }
      case '}', ']' -> {
        depth--;
        yield depth >= 0 && squareLevels.get(depth) == (b == ']');
      }
      default -> true;
    };
  }

  /** Nothing may end the line: neither space between tokens nor what must not be in a string. */
  private void text(byte b, ByteArrayOutputStream out) {
    if (inString) {
      inString = escaped || b != '"';
      escaped = !escaped && b == '\\';
      out.write(b == '\n' ? '\r' : b);
    } else {
      inString = b == '"';
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
