package io.fileaudit.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Writes series as a table (CSV) and as a drawing (SVG) that is small enough to be kept. */
final class SoakReport {
  private static final int WIDTH = 800;
  private static final int PANEL = 110;
  private static final int LEFT = 170;
  private static final int RIGHT = 20;
  private static final int HIGH = 80;
  private static final int POINTS = 240;

  private SoakReport() {}

  static void write(Path folder, String title, List<Series> all) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("soak.csv"), csv(all));
    Files.writeString(folder.resolve("soak.svg"), svg(title, all));
  }

  private static String csv(List<Series> all) {
    StringBuilder text = new StringBuilder("seconds");
    all.forEach(series -> text.append(',').append(series.name()));
    text.append('\n');
    for (int i = 0; i < all.get(0).size(); i++) {
      text.append(number(all.get(0).second(i)));
      for (Series series : all) {
        text.append(',').append(number(series.figure(i)));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String svg(String title, List<Series> all) {
    int height = 40 + PANEL * all.size();
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n"
            .formatted(WIDTH, height));
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
    svg.append("<text x=\"10\" y=\"22\" font-size=\"14\">%s</text>\n".formatted(title));
    for (int i = 0; i < all.size(); i++) {
      panel(svg, all.get(i), 40 + i * PANEL);
    }
    return svg.append("</svg>\n").toString();
  }

  private static void panel(StringBuilder svg, Series series, int top) {
    double most = Math.max(series.greatest(), 1e-9);
    double end = series.second(series.size() - 1);
    svg.append("<text x=\"10\" y=\"%d\">%s</text>\n".formatted(top + 16, series.name()));
    svg.append(
        "<text x=\"10\" y=\"%d\" fill=\"#555\">most %s</text>\n"
            .formatted(top + 34, number(series.greatest())));
    svg.append(
        "<text x=\"10\" y=\"%d\" fill=\"#555\">grows by %s of %s</text>\n"
            .formatted(top + 52, number(series.growth()), number(series.bound())));
    int judged = x(series.second(series.judgedFrom()), end);
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#eef3f8\"/>\n"
            .formatted(judged, top, WIDTH - RIGHT - judged, HIGH));
    svg.append(
        "<path d=\"M%d %dV%dH%d\" fill=\"none\" stroke=\"#999\"/>\n"
            .formatted(LEFT, top, top + HIGH, WIDTH - RIGHT));
    svg.append("<polyline fill=\"none\" stroke=\"#1f5fa8\" points=\"");
    int step = Math.max(1, series.size() / POINTS);
    for (int i = 0; i < series.size(); i += step) {
      long y = top + HIGH - Math.round(series.figure(i) / most * (HIGH - 5));
      svg.append(x(series.second(i), end)).append(',').append(y).append(' ');
    }
    svg.append("\"/>\n");
    svg.append(
        "<text x=\"%d\" y=\"%d\" fill=\"#555\" text-anchor=\"end\">%d s</text>\n"
            .formatted(WIDTH - RIGHT, top + HIGH + 14, Math.round(end)));
  }

  private static int x(double second, double end) {
    return (int) (LEFT + second / Math.max(end, 1) * (WIDTH - LEFT - RIGHT));
  }

  private static String number(double figure) {
    return figure == Math.rint(figure)
        ? Long.toString((long) figure)
        : String.format(Locale.ROOT, "%.1f", figure);
  }
}
