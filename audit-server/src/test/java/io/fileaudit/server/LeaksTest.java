package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Proves that a buffer that is not released is noticed; else no other test would notice one. */
class LeaksTest {
  private static final long PATIENCE_NANOS = Duration.ofSeconds(20).toNanos();

  @Test
  void everyBufferIsWatched() {
    assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
  }

  @Test
  void bufferThatNobodyReleasesIsTold() {
    Leaks.listen();
    takeAndForget();
    List<String> told = new ArrayList<>();
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (told.isEmpty() && System.nanoTime() < end) {
      told.addAll(Leaks.found());
    }
    assertThat(told).isNotEmpty();
  }

  private static void takeAndForget() {
    assertThat(ByteBufAllocator.DEFAULT.buffer(64).writeInt(1).readableBytes()).isEqualTo(4);
  }
}
