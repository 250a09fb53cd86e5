package io.fileaudit.core.live;

import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Wakes readers that look for themselves what there is since they last looked. A wake carries
 * nothing, so one that comes while a reader is busy, or does not read at all, costs nothing: it
 * only has to look once more.
 */
final class Wakes {
  private final Sinks.Many<Boolean> sink = Sinks.many().multicast().directBestEffort();

  /** Wakes every reader; from any thread. */
  void wake() {
    // Two threads may wake at once: the one that loses the race tries again.
    sink.emitNext(true, (signal, result) -> result == Sinks.EmitResult.FAIL_NON_SERIALIZED);
  }

  /**
   * What {@code look} finds at once, and again after each wake. Hot, never completes; what it finds
   * is read as it is requested, and cancelling stops looking.
   */
  Flux<byte[]> reading(Function<Boolean, Publisher<byte[]>> look) {
    return Flux.merge(sink.asFlux(), Mono.just(true)).onBackpressureLatest().concatMap(look, 1);
  }
}
