package io.fileaudit.api.batch;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is said when a batch is opened. Two openings with one id are the same when all of this but
 * {@code resume} is equal.
 *
 * @param name what people call it, at most 200 characters
 * @param table what is loaded
 * @param period for when, as in {@code 2025-02}
 * @param parent the batch that this one is a sub-batch of; one level only
 * @param labels free labels, shown and searchable
 * @param limits limits of its own; others are inherited
 * @param maxRejectedRows more rejected rows than this make it INCOMPLETE; null never does
 * @param maxSkipped more skipped files than this make it INCOMPLETE; null never does
 * @param zeroRows how a file completed with no row is judged
 * @param expected the files it should bring
 * @param resume an ended batch with this id goes on in a new run
 */
public record BatchSpec(
    @Nullable String name,
    @Nullable String table,
    @Nullable String period,
    @Nullable UUID parent,
    @JsonSetter(contentNulls = Nulls.FAIL) Map<String, String> labels,
    Limits limits,
    @Nullable Long maxRejectedRows,
    @Nullable Long maxSkipped,
    ZeroRows zeroRows,
    @Nullable Expected expected,
    boolean resume) {

  public BatchSpec {
    labels = labels == null ? Map.of() : Map.copyOf(new TreeMap<>(labels));
    limits = limits == null ? Limits.INHERITED : limits;
    zeroRows = zeroRows == null ? ZeroRows.ALLOWED : zeroRows;
  }

  /** Starts a specification that says nothing yet. */
  public static Builder builder() {
    return new Builder();
  }

  /** Whether both say the same of the batch, whether or not they ask to resume it. */
  public boolean sameAs(BatchSpec other) {
    return withResume(false).equals(other.withResume(false));
  }

  /** This specification with {@code resume} set. */
  public BatchSpec withResume(boolean wanted) {
    return new BatchSpec(
        name,
        table,
        period,
        parent,
        labels,
        limits,
        maxRejectedRows,
        maxSkipped,
        zeroRows,
        expected,
        wanted);
  }

  /** This specification with other limits. */
  public BatchSpec withLimits(Limits wanted) {
    return new BatchSpec(
        name,
        table,
        period,
        parent,
        labels,
        wanted,
        maxRejectedRows,
        maxSkipped,
        zeroRows,
        expected,
        resume);
  }

  /** This specification with another period and parent. */
  public BatchSpec withLoad(@Nullable String forPeriod, @Nullable UUID ofParent) {
    return new BatchSpec(
        name,
        table,
        forPeriod,
        ofParent,
        labels,
        limits,
        maxRejectedRows,
        maxSkipped,
        zeroRows,
        expected,
        resume);
  }

  /** Collects what is known of a batch; not thread-safe. */
  public static final class Builder {
    private @Nullable String name;
    private @Nullable String table;
    private @Nullable String period;
    private @Nullable UUID parent;
    private final Map<String, String> labels = new TreeMap<>();
    private Limits limits = Limits.INHERITED;
    private @Nullable Long maxRejectedRows;
    private @Nullable Long maxSkipped;
    private ZeroRows zeroRows = ZeroRows.ALLOWED;
    private @Nullable Expected expected;
    private boolean resume;

    private Builder() {}

    public Builder name(@Nullable String value) {
      name = value;
      return this;
    }

    public Builder table(@Nullable String value) {
      table = value;
      return this;
    }

    public Builder period(@Nullable String value) {
      period = value;
      return this;
    }

    public Builder parent(@Nullable UUID value) {
      parent = value;
      return this;
    }

    public Builder label(String key, String value) {
      labels.put(key, value);
      return this;
    }

    public Builder limit(LimitName limitName, Limit value) {
      limits = limits.with(limitName, value);
      return this;
    }

    public Builder maxRejectedRows(@Nullable Long value) {
      maxRejectedRows = value;
      return this;
    }

    public Builder maxSkipped(@Nullable Long value) {
      maxSkipped = value;
      return this;
    }

    public Builder zeroRows(ZeroRows value) {
      zeroRows = value;
      return this;
    }

    public Builder expected(@Nullable Expected value) {
      expected = value;
      return this;
    }

    /** The batch should bring {@code count} files of any name. */
    public Builder expectedFiles(long count) {
      return expected(Expected.files(count));
    }

    public Builder resume(boolean value) {
      resume = value;
      return this;
    }

    public BatchSpec build() {
      return new BatchSpec(
          name,
          table,
          period,
          parent,
          labels,
          limits,
          maxRejectedRows,
          maxSkipped,
          zeroRows,
          expected,
          resume);
    }
  }
}
