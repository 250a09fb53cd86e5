package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line in a process of its own. */
class StartTest {
  @TempDir Path directory;

  @Test
  void lookingLoadsNeitherSpringNorADatabaseAndLogsNothingToStdout() throws Exception {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Path classes = directory.resolve("classes");
    TestService service = new TestService();
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xlog:class+load:file=" + classes,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                AuditCommand.class.getName(),
                "ls",
                "-o",
                "csv")
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("AUDIT_URL", service.url());
    builder.environment().put("AUDIT_KEY", TestService.KEY);
    builder.environment().put("AUDIT_NAMESPACE", service.namespace());
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(Files.readString(err, StandardCharsets.UTF_8)).isEmpty();
    assertThat(process.exitValue()).isZero();
    assertThat(Files.readAllLines(out)).hasSize(1).first().asString().startsWith("id,status,");
    List<String> loaded = Files.readAllLines(classes);
    assertThat(loaded).anyMatch(line -> line.contains("io.fileaudit.api.client.AuditCalls"));
    assertThat(loaded)
        .noneMatch(line -> line.contains("org.springframework."))
        .noneMatch(line -> line.contains("ch.qos.logback."))
        .noneMatch(line -> line.contains("picocli.AutoComplete"))
        .noneMatch(line -> line.contains("io.fileaudit.server.cli.ServeCommand"))
        .noneMatch(line -> line.contains("io.netty.resolver.dns.DnsNameResolver "))
        .noneMatch(line -> line.contains("io.fileaudit.r2dbc."))
        .noneMatch(line -> line.contains("io.zonky."));
  }
}
