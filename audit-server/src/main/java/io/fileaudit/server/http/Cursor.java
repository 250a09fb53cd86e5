package io.fileaudit.server.http;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/** Where the next page of a list begins, as a word that is only to be handed back. */
public final class Cursor {
  private static final Instant END_OF_TIME = Instant.parse("9999-12-31T23:59:59Z");

  private Cursor() {}

  /**
   * Wraps a place.
   *
   * @param kind which list it belongs to, one character
   */
  public static String of(char kind, String place) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((kind + place).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The place in a cursor.
   *
   * @throws AuditException {@code bad-request} where it is no cursor of that list
   */
  public static String place(char kind, String cursor) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(cursor);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.length() > 1 && text.charAt(0) == kind && text.indexOf('\0') < 0) {
        return text.substring(1);
      }
    } catch (IllegalArgumentException | CharacterCodingException e) {
      // Told below, as another list's cursor is.
    }
    throw bad();
  }

  /**
   * A place in a list of what was opened last.
   *
   * @param openedAt when the batch at the place was opened
   * @param batch that batch
   * @param rest what else names the place; may be empty
   */
  public record Place(Instant openedAt, UUID batch, String rest) {}

  /** Wraps a place in a list of what was opened last. */
  public static String of(char kind, Place place) {
    return of(kind, place.openedAt() + " " + place.batch() + " " + place.rest());
  }

  /**
   * The place in a cursor of such a list. A forged one must not reach a store with a time that it
   * cannot hold.
   *
   * @throws AuditException {@code bad-request} where it is no cursor of that list
   */
  public static Place opened(char kind, String cursor) {
    String[] parts = place(kind, cursor).split(" ", 3);
    if (parts.length == 3) {
      Optional<Instant> openedAt = time(parts[0]);
      Optional<UUID> batch = Call.uuid(parts[1]);
      if (openedAt.isPresent() && batch.isPresent()) {
        return new Place(openedAt.get(), batch.get(), parts[2]);
      }
    }
    throw bad();
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text))
          .filter(time -> !time.isBefore(Instant.EPOCH) && time.isBefore(END_OF_TIME));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** Says that a cursor is none of this list. */
  public static AuditException bad() {
    return new AuditException(ProblemType.BAD_REQUEST, "cursor is not one that this list gave");
  }
}
