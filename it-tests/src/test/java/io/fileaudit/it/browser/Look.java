package io.fileaudit.it.browser;

/**
 * Themes and sizes, in CSS pixels. Every view is looked at in both themes and both sizes, in two
 * looks rather than all four: neither has anything to do with the other.
 */
enum Look {
  LIGHT_WIDE("light", 1440, 900),
  DARK_WIDE("dark", 1440, 900),
  LIGHT_NARROW("light", 390, 844),
  DARK_NARROW("dark", 390, 844);

  final String theme;
  final int width;
  final int height;

  Look(String theme, int width, int height) {
    this.theme = theme;
    this.width = width;
    this.height = height;
  }

  /** Whether it is the size of a telephone. */
  boolean isNarrow() {
    return width < 600;
  }

  /** What tells its pictures from those of the others. */
  String suffix() {
    return theme + "-" + width;
  }
}
