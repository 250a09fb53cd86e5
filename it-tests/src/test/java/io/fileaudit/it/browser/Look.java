package io.fileaudit.it.browser;

/** The themes and sizes, in CSS pixels, that every view is looked at in. */
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
