package io.fileaudit.api.client;

import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the tries at each file within a run. A file that is started again, or of which something
 * is heard after its ending, is in a new attempt. Thread-safe. Remembers each file's name while its
 * batch is open.
 */
final class Attempts {
  /** The attempt that a file is in, and whether that is over. */
  private record Standing(int attempt, boolean begun, boolean ended) {}

  private static final Standing UNHEARD = new Standing(1, false, false);

  private final Map<String, Standing> files = new ConcurrentHashMap<>();

  /** Remembers an attempt that is over from before this client. */
  void ended(String file, int attempt) {
    files.put(file, new Standing(attempt, true, true));
  }

  /** The attempt that the event is about: the one that it names, else the one that is counted. */
  int of(FileEvent event) {
    EventType type = event.type();
    if (type == EventType.EXPECTED || type == EventType.DISCOVERED) {
      return event.attemptOrFirst();
    }
    boolean ends = type != EventType.STARTED && type != EventType.PROGRESS;
    Integer named = event.attempt();
    return files
        .compute(
            event.file(),
            (file, known) -> {
              Standing before = known == null ? UNHEARD : known;
              if (named != null) {
                return new Standing(named, true, ends);
              }
              boolean again = before.ended() || (before.begun() && type == EventType.STARTED);
              return new Standing(before.attempt() + (again ? 1 : 0), true, ends);
            })
        .attempt();
  }
}
