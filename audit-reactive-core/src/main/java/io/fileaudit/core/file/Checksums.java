package io.fileaudit.core.file;

import java.util.regex.Pattern;

/** How checksums are written: {@code algorithm:value}, as in {@code sha256:9f86…}. */
public final class Checksums {
  private static final Pattern FORM = Pattern.compile("[a-z0-9-]{1,20}:[0-9A-Za-z+/=_-]{1,200}");

  private Checksums() {}

  /** Whether it names an algorithm and a value that it may have. */
  public static boolean isOne(String text) {
    return FORM.matcher(text).matches();
  }
}
