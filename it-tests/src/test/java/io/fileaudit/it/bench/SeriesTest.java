package io.fileaudit.it.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SeriesTest {
  private static final double BOUND = 5;

  private static Series of(java.util.function.IntToDoubleFunction figure) {
    Series series = new Series("heap", BOUND);
    for (int i = 0; i < 90; i++) {
      series.add(i * 5, figure.applyAsDouble(i));
    }
    return series;
  }

  @Test
  void whatRisesOnlyWhileItWarmsUpIsFlat() {
    Series series = of(i -> Math.min(i, 30) * 10);
    assertThat(series.growth()).isCloseTo(0, within(1e-9));
    assertThat(series.isFlat()).isTrue();
  }

  @Test
  void whatGoesUpAndDownIsFlat() {
    assertThat(of(i -> 100 + i % 7).isFlat()).isTrue();
  }

  @Test
  void leakIsFoundBelowWhatGoesUpAndDown() {
    Series series = of(i -> 100 + i % 7 + i * 0.2);
    assertThat(series.growth()).isCloseTo(0.2 * 59, within(1.0));
    assertThat(series.isFlat()).isFalse();
  }

  @Test
  void whatFallsIsFlat() {
    assertThat(of(i -> 100 - i).isFlat()).isTrue();
  }

  @Test
  void tooFewFiguresProveNothing() {
    Series series = new Series("heap", BOUND);
    for (int i = 0; i < 8; i++) {
      series.add(i, 1);
    }
    assertThat(series.isFlat()).isFalse();
  }
}
