package io.fileaudit.server.http;

import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Where the next page of a list begins, as a word that is only to be handed back. */
public final class Cursor {
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

  /** Says that a cursor is none of this list. */
  public static AuditException bad() {
    return new AuditException(ProblemType.BAD_REQUEST, "cursor is not one that this list gave");
  }
}
