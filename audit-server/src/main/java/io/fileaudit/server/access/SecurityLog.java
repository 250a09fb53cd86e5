package io.fileaudit.server.access;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of what concerns security: who came in, who was refused and why, which keys were made and
 * revoked. A key or token never stands in it.
 */
public final class SecurityLog {
  /** Where all of it goes. */
  public static final Logger LOGGER = LoggerFactory.getLogger("io.fileaudit.security");

  private SecurityLog() {}

  /** A text that somebody sent, harmless in a line of the log. */
  public static String printable(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            point -> {
              boolean harmless =
                  !Character.isISOControl(point)
                      && Character.getType(point) != Character.FORMAT
                      && Character.getType(point) != Character.LINE_SEPARATOR
                      && Character.getType(point) != Character.PARAGRAPH_SEPARATOR
                      && Character.getType(point) != Character.SURROGATE;
              printable.appendCodePoint(harmless ? point : '�');
            });
    return printable.toString();
  }
}
