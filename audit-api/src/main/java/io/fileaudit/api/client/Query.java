package io.fileaudit.api.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes the part of an address behind the question mark. Not thread-safe. */
final class Query {
  private final StringBuilder text = new StringBuilder();

  /** Adds a parameter, unless it says nothing. */
  Query add(String name, @Nullable Object value) {
    if (value != null) {
      text.append(text.isEmpty() ? '?' : '&').append(name).append('=');
      text.append(encoded(value.toString()));
    }
    return this;
  }

  /** A text as it stands in an address. */
  static String encoded(String text) {
    // A plus sign is a space in forms only; %20 is one everywhere.
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
