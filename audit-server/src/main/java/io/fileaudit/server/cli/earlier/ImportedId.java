package io.fileaudit.server.cli.earlier;

import io.fileaudit.api.evidence.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/** The ids of batches that are taken over: the same at each import. */
public final class ImportedId {
  private static final String NAMESPACE = "io.fileaudit/import/";

  private ImportedId() {}

  /** The batch's own id, where it was one that can be kept. */
  public static Optional<UUID> own(String id) {
    try {
      UUID own = UUID.fromString(id);
      return own.toString().equalsIgnoreCase(id) ? Optional.of(own) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** An id that is made of the batch's own: a UUID of version 8 (RFC 9562) of a SHA-256. */
  public static UUID made(Level level, String id) {
    String name = NAMESPACE + level.word() + "/" + id;
    ByteBuffer digest = ByteBuffer.wrap(Sha256.of(name.getBytes(StandardCharsets.UTF_8)));
    long high = digest.getLong() & 0xffff_ffff_ffff_0fffL | 0x8000L;
    long low = digest.getLong() & 0x3fff_ffff_ffff_ffffL | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }
}
