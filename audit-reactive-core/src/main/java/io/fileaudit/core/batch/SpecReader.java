package io.fileaudit.core.batch;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.batch.ExpectedFile;
import io.fileaudit.api.json.CanonicalJson;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.file.Checksums;
import io.fileaudit.core.json.SentJson;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what is said when a batch is opened, and refuses by name what is wrong with it. */
public final class SpecReader {
  private static final int MAX_TEXT = 200;
  private static final int MAX_LABELS = 50;
  private static final int MAX_FILE = 1024;
  private static final int MAX_PATTERN = 200;

  private SpecReader() {}

  /**
   * Reads the body of a request.
   *
   * @throws AuditException {@code malformed-json} or {@code invalid-request}
   */
  public static BatchSpec read(byte[] json) {
    return check(SentJson.read(json, BatchSpec.class));
  }

  /**
   * Reads the fields of an OPENED event.
   *
   * @throws AuditException {@code invalid-request}
   */
  public static BatchSpec read(Map<String, Object> fields) {
    return check(SentJson.read(fields, BatchSpec.class));
  }

  private static BatchSpec check(BatchSpec spec) {
    text("name", spec.name(), MAX_TEXT);
    text("table", spec.table(), MAX_TEXT);
    text("period", spec.period(), MAX_TEXT);
    checkLabels(spec.labels());
    figure("max_rejected_rows", spec.maxRejectedRows());
    figure("max_skipped", spec.maxSkipped());
    if (spec.expected() != null) {
      check(spec.expected());
    }
    return spec;
  }

  static void checkLabels(Map<String, String> labels) {
    if (labels.size() > MAX_LABELS) {
      throw refuse("labels has " + labels.size() + " entries, expected at most " + MAX_LABELS);
    }
    labels.forEach(
        (name, value) -> {
          text("a label's name", name, MAX_TEXT);
          text("labels." + name, value, MAX_TEXT);
        });
  }

  private static void check(Expected expected) {
    figure("expected.count", expected.count());
    text("expected.pattern", expected.pattern(), MAX_PATTERN);
    if (expected.pattern() != null && expected.count() == null) {
      throw refuse("expected.pattern needs expected.count: how many files must match it");
    }
    Set<String> names = new HashSet<>();
    for (ExpectedFile file : expected.files()) {
      if (file.file() == null) {
        throw refuse("an entry of expected.files has no file");
      }
      text("expected.files.file", file.file(), MAX_FILE);
      if (!names.add(file.file())) {
        throw refuse("expected.files names \"" + file.file() + "\" twice");
      }
      figure("expected.files.rows", file.rows());
      figure("expected.files.bytes", file.bytes());
      if (file.checksum() != null && !Checksums.isOne(file.checksum())) {
        throw refuse(
            "expected.files.checksum of \""
                + file.file()
                + "\" is none, expected algorithm:value as in sha256:9f86…");
      }
    }
  }

  private static void text(String name, @Nullable String value, int most) {
    if (value == null) {
      return;
    }
    int characters = value.codePointCount(0, value.length());
    if (characters < 1 || characters > most) {
      throw refuse(name + " has " + characters + " characters, expected 1 to " + most);
    }
    if (value.indexOf('\0') >= 0) {
      throw refuse(name + " contains U+0000, which cannot be stored");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      throw refuse(name + " contains half of a surrogate pair, which has no UTF-8 form");
    }
  }

  private static void figure(String name, @Nullable Long value) {
    if (value != null && (value < 0 || value > CanonicalJson.MAX_INTEGER)) {
      throw refuse(name + " is " + value + ", expected an integer from 0 to 2^53−1");
    }
  }

  private static AuditException refuse(String detail) {
    return new AuditException(ProblemType.INVALID_REQUEST, detail);
  }
}
