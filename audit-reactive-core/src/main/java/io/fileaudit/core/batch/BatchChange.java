package io.fileaudit.core.batch;

import io.fileaudit.api.batch.Limit;
import io.fileaudit.api.batch.LimitName;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is to be changed of an open batch; what it does not speak of stays.
 *
 * @param limits limits to set, or to inherit again where empty
 * @param labels labels to set, or to take away where empty
 */
public record BatchChange(
    Map<LimitName, Optional<Limit>> limits, Map<String, Optional<String>> labels) {
  public BatchChange {
    limits = Map.copyOf(limits);
    labels = Map.copyOf(labels);
  }

  /** Those labels after this change. */
  public Map<String, String> labelled(Map<String, String> before) {
    Map<String, String> after = new TreeMap<>(before);
    labels.forEach(
        (name, value) ->
            value.ifPresentOrElse(set -> after.put(name, set), () -> after.remove(name)));
    return after;
  }
}
