package io.fileaudit.core.access;

import java.util.regex.Pattern;

/** How a namespace is written. */
public final class Namespaces {
  /** The namespace that is meant where nothing is said. */
  public static final String DEFAULT = "default";

  private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  private Namespaces() {}

  /** Whether that can be the name of a namespace. */
  public static boolean isName(String text) {
    return FORM.matcher(text).matches();
  }

  /** The form as a regular expression, for people. */
  public static String form() {
    return FORM.pattern();
  }
}
