package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class ThreadFluxTest {
  private static final Duration MOST = Duration.ofSeconds(10);

  @Test
  void workIsHeldUpUntilWhatItGivesIsRequested() {
    AtomicInteger given = new AtomicInteger();
    Flux<Integer> flux = ThreadFlux.of("test", numbers(given, 1_000));
    StepVerifier.create(flux, 3)
        .expectNext(0, 1, 2)
        .then(() -> assertThat(given).hasValueLessThanOrEqualTo(3))
        .thenRequest(2)
        .expectNext(3, 4)
        .then(() -> assertThat(given).hasValueLessThanOrEqualTo(5))
        .thenRequest(Long.MAX_VALUE)
        .expectNextCount(995)
        .expectComplete()
        .verify(MOST);
  }

  @Test
  void manySmallRequestsGiveEverythingInOrder() {
    Flux<Integer> flux = ThreadFlux.of("test", numbers(new AtomicInteger(), 10_000));
    StepVerifier.create(flux.limitRate(7).collectList())
        .assertNext(
            all -> {
              assertThat(all).hasSize(10_000);
              assertThat(all).isSorted();
            })
        .expectComplete()
        .verify(MOST);
  }

  @Test
  void nothingRunsUntilSubscribed() {
    AtomicInteger runs = new AtomicInteger();
    Flux<Integer> flux = ThreadFlux.of("test", sink -> runs.incrementAndGet());
    assertThat(runs).hasValue(0);
    StepVerifier.create(flux).expectComplete().verify(MOST);
    StepVerifier.create(flux).expectComplete().verify(MOST);
    assertThat(runs).hasValue(2);
  }

  @Test
  void cancellingInterruptsTheWork() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    AtomicReference<Throwable> end = new AtomicReference<>();
    Flux<Integer> flux =
        ThreadFlux.of(
            "test",
            sink -> {
              try {
                numbers(new AtomicInteger(), Integer.MAX_VALUE).accept(sink);
              } catch (CancellationException e) {
                end.set(e);
                throw e;
              } finally {
                over.countDown();
              }
            });
    StepVerifier.create(flux, 2).expectNextCount(2).thenCancel().verify(MOST);
    assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(end.get()).isInstanceOf(CancellationException.class);
  }

  @Test
  void whatTheWorkThrowsIsTheError() {
    Flux<Integer> flux =
        ThreadFlux.of(
            "test",
            sink -> {
              sink.accept(1);
              throw new IllegalStateException("broken");
            });
    StepVerifier.create(flux).expectNext(1).expectErrorMessage("broken").verify(MOST);
  }

  private static Consumer<Consumer<Integer>> numbers(AtomicInteger given, int count) {
    return sink -> {
      for (int i = 0; i < count; i++) {
        sink.accept(i);
        given.incrementAndGet();
      }
    };
  }
}
