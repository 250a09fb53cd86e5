package io.fileaudit.server.batch;

import io.fileaudit.api.batch.BatchStatus;
import io.fileaudit.api.batch.Flag;
import io.fileaudit.core.live.FeedFilter;
import io.fileaudit.core.store.BatchQuery;
import io.fileaudit.server.http.Call;
import io.fileaudit.server.http.Parameters;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/** Reads the filters that lists and feeds of batches have. */
public final class BatchFilters {
  private static final List<String> NAMES =
      List.of("status", "open", "table", "period", "label", "parent", "flag", "q");

  private BatchFilters() {}

  /** The names of the filters and of what else a call knows. */
  public static String[] and(String... others) {
    return Stream.concat(NAMES.stream(), Stream.of(others)).toArray(String[]::new);
  }

  /**
   * The filters of a call; empty where they contradict each other, so that no batch is meant.
   *
   * @param most how many a list of them gives at a time
   * @throws io.fileaudit.api.problem.AuditException {@code bad-request} where one cannot be read
   */
  public static Optional<FeedFilter> of(String namespace, Parameters given, int most) {
    Set<Flag> flags = flags(given);
    Set<BatchStatus> statuses = statuses(given, !flags.isEmpty());
    if (statuses.isEmpty() && (given.flag("open") != null || !flags.isEmpty())) {
      return Optional.empty();
    }
    BatchQuery query =
        new BatchQuery(
            namespace,
            statuses.size() == BatchStatus.values().length ? Set.of() : statuses,
            given.text("table"),
            given.text("period"),
            labels(given),
            given.read("parent", BatchFilters::parent),
            given.text("q"),
            null,
            most);
    return Optional.of(new FeedFilter(query, flags));
  }

  private static Set<Flag> flags(Parameters given) {
    Set<Flag> flags = EnumSet.noneOf(Flag.class);
    given
        .list("flag")
        .forEach(word -> flags.add(Parameters.read("flag", word, BatchFilters::flag)));
    return flags;
  }

  private static Flag flag(String word) {
    for (Flag flag : EnumSet.complementOf(EnumSet.of(Flag.SLOW))) {
      if (flag.wireName().equalsIgnoreCase(word.strip())) {
        return flag;
      }
    }
    throw new IllegalArgumentException(
        "\"" + Call.shortened(word) + "\", expected silent, stalled or over_limit");
  }

  /**
   * The statuses asked for, by name or as open or ended; empty where two filters contradict each
   * other or nothing is asked. Only open batches have flags.
   */
  private static Set<BatchStatus> statuses(Parameters given, boolean flagged) {
    Set<BatchStatus> statuses = EnumSet.noneOf(BatchStatus.class);
    given
        .list("status")
        .forEach(word -> statuses.add(Parameters.read("status", word, BatchStatus::parse)));
    Boolean open = given.flag("open");
    if (open == null && !flagged) {
      return statuses;
    }
    if (statuses.isEmpty()) {
      statuses.addAll(EnumSet.allOf(BatchStatus.class));
    }
    statuses.removeIf(
        status -> (open != null && status.isOpen() != open) || (flagged && !status.isOpen()));
    return statuses;
  }

  private static Map<String, String> labels(Parameters given) {
    Map<String, String> labels = new TreeMap<>();
    for (String label : given.all("label")) {
      int end = label.indexOf('=') >= 0 ? label.indexOf('=') : label.indexOf(':');
      if (end < 1) {
        throw Parameters.refuse("label is \"" + Call.shortened(label) + "\", expected name=value");
      }
      labels.put(label.substring(0, end), label.substring(end + 1));
    }
    return labels;
  }

  private static UUID parent(String text) {
    return Call.uuid(text)
        .orElseThrow(
            () -> new IllegalArgumentException("\"" + Call.shortened(text) + "\" is no UUID"));
  }
}
