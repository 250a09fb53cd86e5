package io.fileaudit.core.blocking;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/** What may look like blocking in the tests of every module, each with its reason. */
public final class AllowedBlocking implements BlockHoundIntegration {
  private static final String ALLOCATOR = "io.netty.buffer.AdaptivePoolingAllocator";

  @Override
  public void applyTo(BlockHound.Builder builder) {
    // Reads from /dev/urandom, which always answers at once: logins and TLS need random bytes.
    builder.allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "readFully");
    // Netty's allocator of buffers holds a lock for a few instructions while it grows or shrinks.
    builder.allowBlockingCallsInside(ALLOCATOR, "allocate");
    // Jackson makes the reader of a type once, under a lock that the first who need it share.
    builder.allowBlockingCallsInside(
        "tools.jackson.databind.deser.DeserializerCache", "_createAndCacheValueDeserializer");
    // Widening a histogram yields until those who just write to it are done: a few instructions.
    builder.allowBlockingCallsInside("org.HdrHistogram.WriterReaderPhaser", "flipPhase");
  }
}
