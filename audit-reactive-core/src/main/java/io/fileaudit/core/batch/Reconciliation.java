package io.fileaudit.core.batch;

import io.fileaudit.api.batch.BatchSpec;
import io.fileaudit.api.batch.Expected;
import io.fileaudit.api.file.FileFinding;
import io.fileaudit.api.file.FileState;
import io.fileaudit.api.file.Finding;
import io.fileaudit.api.file.Manifest;
import io.fileaudit.api.file.SameContent;
import io.fileaudit.core.file.FileAccount;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds what arrived against what was announced. Pure functions. */
public final class Reconciliation {
  private Reconciliation() {}

  /**
   * What a batch announces.
   *
   * @param byName whether any file was announced by its name
   * @param pattern of a counted announcement; null where there is none
   */
  public record Announced(boolean byName, @Nullable String pattern) {
    /** What a batch with those figures announces. */
    public static Announced of(BatchSpec spec, Tally tally) {
      Expected expected = spec.expected();
      return new Announced(
          tally.get(Tally.Figure.EXPECTED) > 0, expected == null ? null : expected.pattern());
    }

    /** Whether files can be unexpected at all: an announced number alone says nothing of names. */
    public boolean isOfNames() {
      return byName || pattern != null;
    }
  }

  /** Whether a file counts towards the announced number of a batch that was opened so. */
  public static boolean counts(String file, @Nullable Expected expected) {
    return expected == null || expected.pattern() == null || Glob.matches(expected.pattern(), file);
  }

  /**
   * In what a file differs; empty where it does not.
   *
   * @param sameAs another file with its checksum; null where there is none
   */
  public static Optional<FileFinding> of(
      String file, FileAccount account, Announced announced, @Nullable SameContent sameAs) {
    List<Finding> findings = new ArrayList<>();
    FileState state = account.state();
    if (state == FileState.EXPECTED) {
      findings.add(Finding.MISSING);
    }
    if (account.isShort()) {
      findings.add(Finding.SHORT);
    }
    if (state == FileState.DISCOVERED || state == FileState.RUNNING) {
      findings.add(Finding.UNFINISHED);
    }
    if (state != FileState.EXPECTED && account.expected() == null && isForeign(file, announced)) {
      findings.add(Finding.UNEXPECTED);
    }
    if (sameAs != null && state == FileState.COMPLETED) {
      findings.add(Finding.DUPLICATE_CONTENT);
    }
    if (findings.isEmpty()) {
      return Optional.empty();
    }
    Manifest shown = account.toManifest(file);
    return Optional.of(
        new FileFinding(
            file,
            findings,
            state,
            shown.rows(),
            shown.bytes(),
            shown.checksum(),
            shown.expectedRows(),
            shown.expectedBytes(),
            shown.expectedChecksum(),
            sameAs));
  }

  private static boolean isForeign(String file, Announced announced) {
    return announced.isOfNames()
        && (announced.pattern() == null || !Glob.matches(announced.pattern(), file));
  }
}
