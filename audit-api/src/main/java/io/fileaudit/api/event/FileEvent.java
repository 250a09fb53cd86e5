package io.fileaudit.api.event;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a file.
 *
 * @param type one of the types about a file
 * @param file the loader's own name of it, 1 to 1,024 characters, compared exactly
 * @param at when it happened by the loader's clock; null means when it arrived
 * @param attempt the n-th try within the run, from 1; null means 1
 * @param rows rows so far, or in all
 * @param rejectedRows rows rejected so far, or in all
 * @param bytes bytes so far, or in all
 * @param checksum {@code algorithm:value}, as in {@code sha256:9f86…}
 * @param position see {@link Event#position()}
 * @param id see {@link Event#id()}
 * @param error what went wrong
 * @param attributes free data; JSON values only
 */
public record FileEvent(
    EventType type,
    String file,
    @Nullable Instant at,
    @Nullable Integer attempt,
    @Nullable Long rows,
    @Nullable Long rejectedRows,
    @Nullable Long bytes,
    @Nullable String checksum,
    @Nullable Long position,
    @Nullable String id,
    @Nullable EventError error,
    Map<String, Object> attributes)
    implements Event {

  public FileEvent {
    if (!type.isAboutFile()) {
      throw new IllegalArgumentException(type + " is not about a file");
    }
    attributes = attributes == null ? Map.of() : attributes;
  }

  /** Starts an event of that type about that file. */
  public static Builder of(EventType type, String file) {
    return new Builder(type, file);
  }

  /** Which try this is about, from 1. */
  public int attemptOrFirst() {
    return attempt == null ? 1 : attempt;
  }

  /** Collects what is known; not thread-safe. */
  public static final class Builder {
    private final EventType type;
    private final String file;
    private @Nullable Instant at;
    private @Nullable Integer attempt;
    private @Nullable Long rows;
    private @Nullable Long rejectedRows;
    private @Nullable Long bytes;
    private @Nullable String checksum;
    private @Nullable Long position;
    private @Nullable String id;
    private @Nullable EventError error;
    private Map<String, Object> attributes = Map.of();

    private Builder(EventType type, String file) {
      this.type = type;
      this.file = file;
    }

    public Builder at(@Nullable Instant value) {
      at = value;
      return this;
    }

    public Builder attempt(@Nullable Integer value) {
      attempt = value;
      return this;
    }

    public Builder rows(@Nullable Long value) {
      rows = value;
      return this;
    }

    public Builder rejectedRows(@Nullable Long value) {
      rejectedRows = value;
      return this;
    }

    public Builder bytes(@Nullable Long value) {
      bytes = value;
      return this;
    }

    public Builder checksum(@Nullable String value) {
      checksum = value;
      return this;
    }

    public Builder position(@Nullable Long value) {
      position = value;
      return this;
    }

    public Builder id(@Nullable String value) {
      id = value;
      return this;
    }

    public Builder error(@Nullable EventError value) {
      error = value;
      return this;
    }

    /** An error with a code to group by and a message for people. */
    public Builder error(String code, @Nullable String message) {
      return error(new EventError(code, message, null, null));
    }

    public Builder attributes(Map<String, Object> value) {
      attributes = value;
      return this;
    }

    public FileEvent build() {
      return new FileEvent(
          type,
          file,
          at,
          attempt,
          rows,
          rejectedRows,
          bytes,
          checksum,
          position,
          id,
          error,
          attributes);
    }
  }
}
