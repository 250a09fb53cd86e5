package io.fileaudit.core.record;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record to be written.
 *
 * @param key what keeps records in order: those of one key stand in one partition; null where order
 *     does not matter
 * @param value what it says; null where it says nothing
 * @param headers its headers, sent as UTF-8
 */
public record Outgoing(
    byte @Nullable [] key, byte @Nullable [] value, Map<String, String> headers) {
  public Outgoing {
    headers = Map.copyOf(headers);
  }
}
