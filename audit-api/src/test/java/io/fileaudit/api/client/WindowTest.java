package io.fileaudit.api.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.test.StepVerifier;

@Timeout(30)
class WindowTest {
  private static Line line(long position) {
    return Line.of(
        FileEvent.of(EventType.STARTED, "f" + position).position(position).build(), position, null);
  }

  private static List<Long> positions(List<Line> lines) {
    return lines.stream().map(Line::position).toList();
  }

  @Test
  void linesAreNumberedInTheOrderInWhichTheyCome() {
    Window window = new Window(10);
    window.put(WindowTest::line);
    window.push(WindowTest::line);

    assertThat(positions(window.from(0, 10))).containsExactly(1L, 2L);
    assertThat(positions(window.from(1, 10))).containsExactly(2L);
    assertThat(window.from(2, 10)).isEmpty();
    assertThat(window.end()).isEqualTo(2);
  }

  @Test
  void aLineThatCannotBeMadeTakesNoPosition() {
    Window window = new Window(10);
    assertThatThrownBy(
            () ->
                window.put(
                    position -> {
                      throw new IllegalArgumentException("no");
                    }))
        .hasMessage("no");
    window.put(WindowTest::line);

    assertThat(positions(window.from(0, 10))).containsExactly(1L);
  }

  @Test
  void settlingTakesLinesAwayOnceAndMakesRoom() throws Exception {
    Window window = new Window(2);
    window.put(WindowTest::line);
    window.put(WindowTest::line);
    CountDownLatch waiting = new CountDownLatch(1);
    Thread third =
        new Thread(
            () -> {
              waiting.countDown();
              window.put(WindowTest::line);
            });
    third.start();
    waiting.await();
    assertThat(positions(window.settle(1))).containsExactly(1L);
    third.join();

    assertThat(window.settle(1)).isEmpty();
    assertThat(window.first()).isEqualTo(1);
    assertThat(positions(window.settle(99))).containsExactly(2L, 3L);
    assertThat(window.isEmpty()).isTrue();
  }

  @Test
  void aFailureWakesWhoeverWaits() throws Exception {
    Window window = new Window(1);
    window.put(WindowTest::line);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> waiting =
        IntStream.range(0, 4)
            .<Future<?>>mapToObj(i -> threads.submit(() -> window.put(WindowTest::line)))
            .toList();
    window.fail(new IllegalStateException("over"));
    window.fail(new IllegalStateException("later"));

    for (Future<?> one : waiting) {
      assertThatThrownBy(() -> one.get(10, TimeUnit.SECONDS)).rootCause().hasMessage("over");
    }
    assertThatThrownBy(() -> window.push(WindowTest::line)).hasMessage("over");
    threads.shutdown();
  }

  @Test
  void aThreadThatWaitsCanBeInterrupted() throws Exception {
    Window window = new Window(1);
    window.put(WindowTest::line);
    Throwable[] thrown = new Throwable[1];
    Thread waiting = new Thread(() -> window.put(WindowTest::line));
    waiting.setUncaughtExceptionHandler((thread, error) -> thrown[0] = error);
    waiting.start();
    waiting.interrupt();
    waiting.join();

    assertThat(thrown[0]).isInstanceOf(CancellationException.class);
    assertThat(window.end()).isEqualTo(1);
  }

  @Test
  void aSourceGivesWhatIsRequestedFromTheFirstLineThatIsNotSettled() {
    Window window = new Window(10);
    window.push(WindowTest::line);
    window.push(WindowTest::line);
    window.settle(1);
    WindowSource source = new WindowSource(window);
    window.onMore(source::more);

    StepVerifier.create(source.map(Line::position), 0)
        .thenRequest(1)
        .expectNext(2L)
        .then(() -> window.push(WindowTest::line))
        .expectNoEvent(java.time.Duration.ofMillis(20))
        .thenRequest(5)
        .expectNext(3L)
        .then(() -> window.push(WindowTest::line))
        .expectNext(4L)
        .then(source::finish)
        .expectComplete()
        .verify(java.time.Duration.ofSeconds(20));
    assertThat(source.begin()).isEqualTo(1);
    assertThat(source.reached()).isEqualTo(4);
  }

  @Test
  void whoLooksMeanwhileSeesLinesInARow() {
    Window window = new Window(100);
    CompletableFuture<Void> moving =
        CompletableFuture.runAsync(
            () -> {
              for (int n = 1; n <= 200_000; n++) {
                window.push(WindowTest::line);
                window.settle(n % 50 == 0 ? n : 0);
              }
            });
    do {
      List<Line> seen = window.oldest(10);
      for (int i = 1; i < seen.size(); i++) {
        assertThat(seen.get(i).position()).isEqualTo(seen.get(0).position() + i);
      }
    } while (!moving.isDone());
    assertThat(moving).isCompletedWithValue(null);
    assertThat(window.waiting()).isZero();
  }

  @Test
  void manyThreadsAndOneSettlerLoseAndRepeatNothing() throws Exception {
    int threads = 4;
    int each = 20_000;
    Window window = new Window(100);
    WindowSource source = new WindowSource(window);
    window.onMore(source::more);
    ExecutorService putting = Executors.newFixedThreadPool(threads);
    for (int i = 0; i < threads; i++) {
      putting.execute(
          () -> {
            for (int n = 0; n < each; n++) {
              window.put(WindowTest::line);
            }
          });
    }
    long all = (long) threads * each;

    StepVerifier.create(
            source
                .limitRate(64)
                .doOnNext(line -> window.settle(line.position()))
                .map(Line::position)
                .take(all)
                .collectList())
        .assertNext(
            positions ->
                assertThat(positions).isEqualTo(LongStream.rangeClosed(1, all).boxed().toList()))
        .expectComplete()
        .verify(java.time.Duration.ofSeconds(20));
    putting.shutdown();
  }
}
