package io.fileaudit.server;

import java.util.List;

/** Says which settings cannot be used, all of them together. */
public final class InvalidSettings extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidSettings(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
  }
}
