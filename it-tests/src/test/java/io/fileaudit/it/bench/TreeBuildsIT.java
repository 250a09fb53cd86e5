package io.fileaudit.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.it.crash.Build;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The benchmark of trees is run seldom; what it changes in the sources must be there all the time.
 */
class TreeBuildsIT {
  private static final String RANGE = "io/fileaudit/api/evidence/CompactRange.class";
  private static final String PLAN = "io/fileaudit/core/ledger/CommitPlan.class";

  @TempDir Path folder;

  @Test
  void buildWithoutTreesCompiles() throws Exception {
    Path classes = Build.compile(folder, TreeBench.WITHOUT_TREES);
    assertThat(classes.resolve(RANGE)).exists();
    assertThat(classes.resolve(PLAN)).exists();
  }

  @Test
  void buildWithTreesCompiles() throws Exception {
    assertThat(Build.compile(folder, TreeBench.WITH_TREES).resolve(RANGE)).exists();
  }
}
