package io.fileaudit.api.batch;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a batch, each of them set or left to be inherited.
 *
 * @param operation how long a run may take from its first event; null inherits
 * @param idle how long nothing may be heard; null inherits
 * @param start how long the first event may take; null inherits
 * @param progress how long no manifest may change; null inherits
 */
public record Limits(
    @Nullable Limit operation,
    @Nullable Limit idle,
    @Nullable Limit start,
    @Nullable Limit progress) {

  /** Everything inherited. */
  public static final Limits INHERITED = new Limits(null, null, null, null);

  /** The limit of that name, null where it is inherited. */
  public @Nullable Limit get(LimitName name) {
    return switch (name) {
      case OPERATION -> operation;
      case IDLE -> idle;
      case START -> start;
      case PROGRESS -> progress;
    };
  }

  /** These limits with one of them set anew; null leaves it to be inherited. */
  public Limits with(LimitName name, @Nullable Limit limit) {
    Map<LimitName, Limit> all = new EnumMap<>(LimitName.class);
    forEach(all::put);
    if (limit == null) {
      all.remove(name);
    } else {
      all.put(name, limit);
    }
    return new Limits(
        all.get(LimitName.OPERATION),
        all.get(LimitName.IDLE),
        all.get(LimitName.START),
        all.get(LimitName.PROGRESS));
  }

  /** Calls {@code action} for each limit that is set. */
  public void forEach(BiConsumer<LimitName, Limit> action) {
    for (LimitName name : LimitName.values()) {
      Limit limit = get(name);
      if (limit != null) {
        action.accept(name, limit);
      }
    }
  }
}
