package io.fileaudit.it.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.it.process.AuditHome;
import io.fileaudit.it.process.CommandRun;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration, from its start to its third verdict. */
@Timeout(120)
class DemoIT {
  @TempDir Path folder;

  @Test
  void oneCompletesOneHasFailuresOneFallsSilent() throws Exception {
    try (AuditHome home = AuditHome.fromNothing(folder)) {
      CommandRun.Result demo =
          home.start(
                  folder,
                  Map.of("AUDIT_PORT", "0"),
                  "demo",
                  "--exit",
                  "--scale",
                  "20000",
                  "--idle",
                  "PT5S")
              .finish();

      assertThat(demo.exitCode()).as(demo.err()).isZero();
      assertThat(demo.err())
          .containsPattern("empresa@2024-05 +COMPLETED .*10 completed, .*2,875 rows")
          .containsPattern("socios@2024-05 +INCOMPLETE .*9 completed, 1 failed")
          .contains("failed  socios/Socios6.zip  corrupt-archive")
          .contains("bad row  socios/Socios3.zip!/K3241.K03200Y3.D40511.SOCIOCSV line 101 ")
          .contains("nul-character")
          .containsPattern("estabelecimento@2024-05 +TIMED_OUT +IDLE .*3 completed, 1 running")
          .contains("The page: http://");
    }
  }
}
