package io.fileaudit.core.ingest;

import io.fileaudit.api.event.Refusal;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Namespaces;
import io.fileaudit.core.batch.BatchKey;
import io.fileaudit.core.ledger.Line;
import io.fileaudit.core.lineage.RunEvent;
import io.fileaudit.core.lineage.RunEventReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record: an event in an envelope that names its batch, run and namespace, or such as the
 * data of a {@link CloudEvent}. The offset is the event's position, and its number where it is
 * refused. It never throws for what a sender wrote. Not thread-safe: it reuses its notes.
 */
final class RecordReader {
  private static final int UUID_CHARACTERS = 36;
  private static final int MAX_TEXT_CHARACTERS = 200;
  private static final int MAX_RUN = 1_000_000_000;

  /** What became of a record. */
  sealed interface Read {}

  /**
   * A record that is for a batch.
   *
   * @param batch the batch
   * @param run the run that is meant, from 1
   * @param line the event, or what is wrong with it
   */
  record Addressed(BatchKey batch, int run, Line line) implements Read {}

  /**
   * A record of which nobody can say which batch it is for.
   *
   * @param refusal why
   */
  record Undeliverable(Refusal refusal) implements Read {}

  /**
   * A record that is a report on a run.
   *
   * @param event what it says
   */
  record Reported(RunEvent event) implements Read {}

  private final EventReader events = new EventReader();
  private final PlainEventReader plain = new PlainEventReader();

  /** Reads a record. */
  Read read(Received record) {
    byte[] value = record.value();
    if (value == null) {
      return undeliverable(
          record,
          new InvalidLine(
              ProblemType.INVALID_EVENT, "the record has no value, expected a JSON object"));
    }
    if (value.length <= EventReader.MAX_LINE_BYTES) {
      Line.Readable line = plain.readRecord(record.offset(), value);
      if (line != null) {
        return addressed(record, line);
      }
    }
    try {
      RunEvent event = RunEventReader.readIfRun(value);
      return event == null ? readAnything(record, value) : new Reported(event);
    } catch (AuditException e) {
      return undeliverable(record, new InvalidLine(e.type(), e.detail()));
    }
  }

  private Read addressed(Received record, Line.Readable line) {
    try {
      return new Addressed(batch(record, plain.namespace(), plain.batch()), run(plain.run()), line);
    } catch (InvalidLine e) {
      return undeliverable(record, e);
    }
  }

  private Read readAnything(Received record, byte[] value) {
    Map<String, Object> fields;
    try {
      fields = EventReader.fields(value, 0, value.length);
    } catch (InvalidLine e) {
      return ofKey(record, value, e);
    }
    InvalidLine wrong = null;
    if (CloudEvent.isOne(fields)) {
      CloudEvent event = new CloudEvent(fields);
      try {
        fields = event.event();
      } catch (InvalidLine e) {
        fields = event.keys();
        wrong = e;
      }
    }
    BatchKey batch;
    int run;
    try {
      batch =
          batch(
              record,
              EventReader.text(fields, "namespace", 1, MAX_TEXT_CHARACTERS),
              EventReader.text(fields, "batch", 1, MAX_TEXT_CHARACTERS));
      run = run(EventReader.figure(fields, "run"));
    } catch (InvalidLine e) {
      return undeliverable(record, wrong == null ? e : wrong);
    }
    String id = EventReader.id(fields);
    if (wrong != null) {
      return new Addressed(batch, run, refused(record, value, wrong, id));
    }
    fields.keySet().removeAll(Set.of("batch", "namespace", "run"));
    try {
      return new Addressed(batch, run, events.line(record.offset(), fields, record.offset()));
    } catch (InvalidLine e) {
      return new Addressed(batch, run, refused(record, value, e, id));
    }
  }

  /** Nothing of its value can be read, so its key alone says whose it is. */
  private static Read ofKey(Received record, byte[] value, InvalidLine wrong) {
    UUID id = uuid(record.key());
    return id == null
        ? undeliverable(record, wrong)
        : new Addressed(
            new BatchKey(Namespaces.DEFAULT, id), 1, refused(record, value, wrong, null));
  }

  private static Line refused(
      Received record, byte[] value, InvalidLine wrong, @Nullable String id) {
    return new Line.Unreadable(
        record.offset(),
        EventReader.copy(value, 0, value.length),
        Refusal.of(record.offset(), wrong.type(), wrong.detail()),
        record.offset(),
        id);
  }

  private static Undeliverable undeliverable(Received record, InvalidLine wrong) {
    return new Undeliverable(Refusal.of(record.offset(), wrong.type(), wrong.detail()));
  }

  private static BatchKey batch(
      Received record, @Nullable String givenNamespace, @Nullable String batch) {
    String namespace = givenNamespace == null ? Namespaces.DEFAULT : givenNamespace;
    if (!namespace.equals(Namespaces.DEFAULT) && !Namespaces.isName(namespace)) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT,
          "namespace is "
              + EventReader.shown(namespace)
              + ", expected small letters, digits and dashes");
    }
    UUID key = uuid(record.key());
    UUID named =
        batch == null || isText(record.key(), batch)
            ? key
            : uuid(batch.getBytes(StandardCharsets.UTF_8));
    if (named == null) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT,
          batch == null
              ? "batch is missing and the record's key is no UUID"
              : "batch is " + EventReader.shown(batch) + ", expected a UUID");
    }
    if (record.key() != null && !named.equals(key)) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT,
          "batch is "
              + named
              + " and the record's key "
              + EventReader.shown(new String(record.key(), StandardCharsets.UTF_8))
              + ", expected the same, which keeps the events of a batch in order");
    }
    return new BatchKey(namespace, named);
  }

  /** Nearly always: what is written alike need not be read twice. */
  private static boolean isText(byte @Nullable [] bytes, String ascii) {
    if (bytes == null || bytes.length != ascii.length()) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int run(@Nullable Long run) {
    if (run == null) {
      return 1;
    }
    if (run < 1 || run > MAX_RUN) {
      throw new InvalidLine(
          ProblemType.INVALID_EVENT, "run is " + run + ", expected 1 to " + MAX_RUN);
    }
    return run.intValue();
  }

  private static @Nullable UUID uuid(byte @Nullable [] text) {
    if (text == null || text.length != UUID_CHARACTERS) {
      return null;
    }
    try {
      return UUID.fromString(new String(text, StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException e) {
      return null; // answered by whoever asked, with what was expected
    }
  }
}
