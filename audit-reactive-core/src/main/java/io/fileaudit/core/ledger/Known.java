package io.fileaudit.core.ledger;

import io.fileaudit.api.event.Event;
import io.fileaudit.api.json.AuditJson;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * What the ledger already has of a chunk's events, by the keys that they carry.
 *
 * @param byPosition canonical events of this chunk's producer, by position
 * @param byId canonical events by id
 * @param open for a chunk of refused events that are tried again: the numbers of those still open
 */
public record Known(Map<Long, byte[]> byPosition, Map<String, byte[]> byId, Set<Long> open) {
  /** Nothing. */
  public static final Known NOTHING = new Known(Map.of(), Map.of());

  /** What is known of a chunk that comes for the first time, as far as its sender says. */
  public Known(Map<Long, byte[]> byPosition, Map<String, byte[]> byId) {
    this(byPosition, byId, Set.of());
  }

  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  /**
   * What has to be looked up before a chunk can be judged.
   *
   * @param positions positions at or below the producer's mark
   * @param ids ids of any event
   */
  public record Questions(Set<Long> positions, Set<String> ids) {
    /**
     * The questions of a chunk, given the highest position that was accepted from its producer;
     * null where none was.
     */
    public static Questions of(Chunk chunk, @Nullable Long mark) {
      Set<Long> positions = new HashSet<>();
      Set<String> ids = new HashSet<>();
      for (Line line : chunk.lines()) {
        if (line instanceof Line.Readable readable) {
          Long position = chunk.positionOf(readable.event());
          if (position != null && mark != null && position <= mark) {
            positions.add(position);
          }
          String id = readable.event().id();
          if (id != null) {
            ids.add(id);
          }
        }
      }
      return new Questions(positions, ids);
    }

    /** Whether there is nothing to look up. */
    public boolean isEmpty() {
      return positions.isEmpty() && ids.isEmpty();
    }
  }

  /** Whether a line is new, a repeat, or something else under a key that was used. */
  public enum Match {
    NEW,
    REPEAT,
    CONFLICT
  }

  /** Nothing yet, to which a chunk adds what it brings itself. */
  static Known growing() {
    return new Known(new HashMap<>(), new HashMap<>());
  }

  /** Compares a line with what is known under its keys. */
  public Match match(Event event, @Nullable Long position, byte[] canonical) {
    return match(event, position, canonical, NOTHING);
  }

  /** Compares a line with what is known under its keys here or there. */
  Match match(Event event, @Nullable Long position, byte[] canonical, Known other) {
    byte[] samePosition = position == null ? null : either(byPosition, other.byPosition, position);
    if (samePosition != null) {
      return Arrays.equals(samePosition, canonical) ? Match.REPEAT : Match.CONFLICT;
    }
    byte[] sameId = event.id() == null ? null : either(byId, other.byId, event.id());
    if (sameId != null) {
      return sameButPosition(sameId, canonical) ? Match.REPEAT : Match.CONFLICT;
    }
    return Match.NEW;
  }

  private static <K> byte @Nullable [] either(Map<K, byte[]> one, Map<K, byte[]> other, K key) {
    byte[] found = one.get(key);
    return found == null ? other.get(key) : found;
  }

  /** Remembers a line that was accepted. */
  void add(Event event, @Nullable Long position, byte[] canonical) {
    if (position != null) {
      byPosition.put(position, canonical);
    }
    if (event.id() != null) {
      byId.put(event.id(), canonical);
    }
  }

  private static boolean sameButPosition(byte[] one, byte[] other) {
    return Arrays.equals(one, other) || withoutPosition(one).equals(withoutPosition(other));
  }

  /** Read alike, so that what is equal here was the same text but for its position. */
  private static Map<String, Object> withoutPosition(byte[] canonical) {
    Map<String, Object> fields =
        AuditJson.lenient().readValue(new String(canonical, StandardCharsets.UTF_8), OBJECT);
    fields.remove("position");
    return fields;
  }
}
