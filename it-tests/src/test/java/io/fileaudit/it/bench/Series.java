package io.fileaudit.it.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * A figure that is looked at again and again and must not grow: whether it does is told by the
 * straight line that lies nearest to the last two thirds of it. The first third is for warming up.
 */
final class Series {
  private final String name;
  private final double bound;
  private final List<Double> seconds = new ArrayList<>();
  private final List<Double> figures = new ArrayList<>();

  /**
   * A series without a figure.
   *
   * @param bound how much it may grow from the beginning of its last two thirds to the end
   */
  Series(String name, double bound) {
    this.name = name;
    this.bound = bound;
  }

  String name() {
    return name;
  }

  double bound() {
    return bound;
  }

  void add(double second, double figure) {
    seconds.add(second);
    figures.add(figure);
  }

  int size() {
    return figures.size();
  }

  double second(int n) {
    return seconds.get(n);
  }

  double figure(int n) {
    return figures.get(n);
  }

  double greatest() {
    return figures.stream().mapToDouble(Double::doubleValue).max().orElse(0);
  }

  /** How much the line rises over the last two thirds; below 0 where it falls. */
  double growth() {
    int from = judgedFrom();
    double meanSecond = mean(seconds, from);
    double meanFigure = mean(figures, from);
    double together = 0;
    double alone = 0;
    for (int i = from; i < figures.size(); i++) {
      double off = seconds.get(i) - meanSecond;
      together += off * (figures.get(i) - meanFigure);
      alone += off * off;
    }
    return alone == 0 ? 0 : together / alone * (seconds.get(seconds.size() - 1) - second(from));
  }

  /** The number of the first figure that counts. */
  int judgedFrom() {
    return figures.size() / 3;
  }

  /** Whether it grows no more than it may; never without enough figures to tell. */
  boolean isFlat() {
    return figures.size() >= 9 && growth() <= bound;
  }

  private static double mean(List<Double> some, int from) {
    return some.stream().skip(from).mapToDouble(Double::doubleValue).average().orElse(0);
  }
}
