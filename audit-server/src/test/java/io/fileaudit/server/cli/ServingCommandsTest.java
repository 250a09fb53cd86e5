package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.server.cli.CommandRun.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code serve} and {@code demo}, as far as no service is started. */
class ServingCommandsTest {
  @TempDir Path directory;

  @Test
  void optionsStandOverVariables() {
    Environment environment =
        new CommandRun()
            .in(directory)
            .set("AUDIT_PORT", "1")
            .set("AUDIT_LOG", "json")
            .set("AUDIT_MAX_IDLE", "PT1M")
            .environment();
    ServeCommand serve = new ServeCommand(TestConsole.silent(), environment);
    new CommandLine(serve).parseArgs("--port", "2", "--data", "d", "--db", "postgresql://h/x");

    assertThat(serve.settings())
        .containsEntry("AUDIT_PORT", "2")
        .containsEntry("AUDIT_DATA", directory.resolve("d").toString())
        .containsEntry("AUDIT_DB", "postgresql://h/x")
        .containsEntry("AUDIT_LOG", "json")
        .containsEntry("AUDIT_MAX_IDLE", "PT1M");
  }

  @Test
  void dataDirectoryIsTheOptionElseTheVariableElseInTheHome() {
    CommandRun command = new CommandRun().in(directory);
    assertThat(command.environment().dataDirectory(null))
        .isEqualTo(directory.resolve("home/.audit"));
    command.set("AUDIT_DATA", "named");
    assertThat(command.environment().dataDirectory(null)).isEqualTo(directory.resolve("named"));
    assertThat(command.environment().dataDirectory(Path.of("given")))
        .isEqualTo(directory.resolve("given"));
    command.set("AUDIT_DATA", " ");
    assertThat(command.environment().dataDirectory(null))
        .isEqualTo(directory.resolve("home/.audit"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "demo"})
  void wrongSettingsAreNamedTogether(String name) {
    Result result =
        new CommandRun()
            .in(directory)
            .set("AUDIT_PORT", "no")
            .set("AUDIT_MAX_IDLE", "soon")
            .set("AUDIT_TYPO", "1")
            .run(name);
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("AUDIT_PORT is \"no\"", "AUDIT_MAX_IDLE", "AUDIT_TYPO");
    assertThat(directory.resolve("home")).doesNotExist();
  }

  @Test
  void takenPortIsRefusedBeforeAnythingIsMade() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      for (String name : new String[] {"serve", "demo"}) {
        Result result = new CommandRun().in(directory).run(name, "--port", port);
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("port " + port + " is taken", "--port");
        assertThat(result.out()).isEmpty();
      }
      assertThat(Serving.isFree("127.0.0.1", taken.getLocalPort())).isFalse();
      assertThat(directory.resolve("home")).doesNotExist();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"serve", "demo"})
  void bothHaveHelpWithAnExample(String name) {
    Result result = new CommandRun().run(name, "--help");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("Usage: audit " + name, "Example", "audit " + name);
  }

  @Test
  void helpNamesEveryCommandAndExitCode() {
    Result result = new CommandRun().run("--help");
    assertThat(result.exitCode()).isZero();
    assertThat(result.out())
        .contains("serve", "demo", "load", "scan", "show", "files", "ls", "key", "keys")
        .contains("0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "130 ");
    assertThat(new CommandRun().run().exitCode()).isEqualTo(2);
  }
}
