package io.fileaudit.server;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/** What may look like blocking in the tests of this module, each with its reason. */
public final class AllowedBlocking implements BlockHoundIntegration {
  @Override
  public void applyTo(BlockHound.Builder builder) {
    // Reads from /dev/urandom, which always answers at once: ids need random bytes.
    builder.allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "readFully");
    // Netty's allocator of buffers holds a lock for a few instructions while it grows or shrinks.
    builder.allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator", "allocate");
    // Jackson makes the reader of a type once, under a lock that the first who need it share.
    builder.allowBlockingCallsInside(
        "tools.jackson.databind.deser.DeserializerCache", "_createAndCacheValueDeserializer");
  }
}
