package io.fileaudit.api.client;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/** What may look like blocking in these tests, each with its reason. */
public final class AllowedBlocking implements BlockHoundIntegration {
  private static final String ALLOCATOR = "io.netty.buffer.AdaptivePoolingAllocator";

  @Override
  public void applyTo(BlockHound.Builder builder) {
    // Netty's allocator of buffers holds a lock for a few instructions while it grows or shrinks.
    builder.allowBlockingCallsInside(ALLOCATOR, "allocate");
    builder.allowBlockingCallsInside(ALLOCATOR + "$MagazineGroup", "allocate");
    builder.allowBlockingCallsInside(ALLOCATOR + "$MagazineGroup", "tryExpandMagazines");
    // Jackson makes the reader of a type once, under a lock that the first who need it share.
    builder.allowBlockingCallsInside(
        "tools.jackson.databind.deser.DeserializerCache", "_createAndCacheValueDeserializer");
  }
}
