package io.fileaudit.it.ingest;

import io.fileaudit.api.event.EventType;
import io.fileaudit.api.event.FileEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events of a load in which files complete, fail and are tried again, are skipped or left, each
 * event under a key of its own and with a time of its own, so that it does not matter when it
 * comes.
 */
final class KeyedEvents {
  /** By what an event is known when it comes again. */
  enum Key {
    POSITION,
    ID;

    /** The name under which events with this key are sent. */
    @Nullable String producer() {
      return this == POSITION ? "loader" : null;
    }
  }

  private static final Instant BEGUN = Instant.parse("2024-05-11T06:00:00Z");

  private final Key key;
  private final List<FileEvent> events = new ArrayList<>();

  private KeyedEvents(Key key) {
    this.key = key;
  }

  /** The events of so many files, in the order in which they happened. */
  static List<FileEvent> of(Key key, int files) {
    KeyedEvents made = new KeyedEvents(key);
    for (int file = 0; file < files; file++) {
      made.addFile("landing/file-" + file + ".csv", file);
    }
    return List.copyOf(made.events);
  }

  private void addFile(String name, long rows) {
    add(FileEvent.of(EventType.DISCOVERED, name).bytes(10 * rows));
    add(FileEvent.of(EventType.STARTED, name));
    add(FileEvent.of(EventType.PROGRESS, name).rows(rows / 2));
    switch ((int) (rows % 5)) {
      case 0 -> add(FileEvent.of(EventType.SKIPPED, name));
      case 1 -> add(FileEvent.of(EventType.FAILED, name).error("bad-date", "31 February"));
      case 2 -> {
        add(FileEvent.of(EventType.FAILED, name).error("disk", null).rows(rows / 3));
        add(FileEvent.of(EventType.STARTED, name).attempt(2));
        add(completed(name, rows).attempt(2));
      }
      case 3 -> add(completed(name, rows));
      default -> add(FileEvent.of(EventType.PROGRESS, name).rows(rows - 1).rejectedRows(1L));
    }
  }

  private static FileEvent.Builder completed(String name, long rows) {
    return FileEvent.of(EventType.COMPLETED, name)
        .rows(rows)
        .rejectedRows(rows % 3)
        .bytes(10 * rows)
        .checksum("md5:" + rows);
  }

  private void add(FileEvent.Builder event) {
    int number = events.size();
    event.at(BEGUN.plusMillis(number));
    events.add(
        key == Key.POSITION
            ? event.position((long) number).build()
            : event.id("event-" + number).build());
  }
}
