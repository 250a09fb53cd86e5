package io.fileaudit.server.cli.load;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The bad rows of one file: how many, the first of them by name, and whether they are too many. */
public final class BadRows {
  /** How many are named. */
  public static final int NAMED = 20;

  private final long most;
  private final Consumer<BadRow> named;
  private final List<BadRow> sample = new ArrayList<>();
  private long count;

  /**
   * None yet.
   *
   * @param most more than these make the file unreadable
   * @param named is told of the first of them
   */
  public BadRows(long most, Consumer<BadRow> named) {
    this.most = most;
    this.named = named;
  }

  /**
   * Counts one.
   *
   * @throws UnreadableFile where it is one too many
   */
  public void add(BadRow row) throws UnreadableFile {
    count++;
    if (sample.size() < NAMED) {
      sample.add(row);
      named.accept(row);
    }
    if (count > most) {
      throw new UnreadableFile(
          UnreadableFile.BAD_ROWS,
          (most == 0 ? "a bad row, " : "more than " + most + " bad rows, the first ")
              + "on line "
              + first().line()
              + ": "
              + first().message(),
          first().line());
    }
  }

  private BadRow first() {
    return sample.stream().min(Comparator.comparingLong(BadRow::line)).orElseThrow();
  }

  public long count() {
    return count;
  }

  /** The sample as an event carries it, by line; empty where there are none. */
  public Map<String, Object> attributes() {
    if (sample.isEmpty()) {
      return Map.of();
    }
    List<Map<String, Object>> rows =
        sample.stream()
            .sorted(Comparator.comparingLong(BadRow::line))
            .map(BadRows::attributes)
            .toList();
    return Map.of("bad_rows", rows);
  }

  private static Map<String, Object> attributes(BadRow row) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("line", row.line());
    fields.put("code", row.code());
    fields.put("message", row.message());
    return fields;
  }
}
