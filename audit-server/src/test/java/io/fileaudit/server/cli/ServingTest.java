package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why a service cannot be started, before it makes a database. */
class ServingTest {
  @TempDir Path data;

  private void isRefused(Map<String, String> settings, String... words) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("AUDIT_DATA", data.toString());
    assertThatThrownBy(() -> Serving.start(all))
        .isInstanceOf(CommandException.class)
        .hasMessageContainingAll(words);
    assertThat(data).isEmptyDirectory();
  }

  @Test
  void portThatIsTakenIsNamed() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      isRefused(
          Map.of("AUDIT_PORT", String.valueOf(other.getLocalPort())),
          "port " + other.getLocalPort() + " is taken");
    }
  }

  @Test
  void addressOfAnotherMachineIsNamedAsSuch() {
    // One that is kept for documents (RFC 5737), so that no machine has it.
    Map<String, String> elsewhere =
        Map.of("AUDIT_ADDRESS", "192.0.2.1", "AUDIT_ALLOW_INSECURE", "true");

    Map<String, String> withAPort = new HashMap<>(elsewhere);
    withAPort.put("AUDIT_PORT", "48123");
    isRefused(withAPort, "AUDIT_ADDRESS is 192.0.2.1", "not an address of this machine");
    Map<String, String> anyPort = new HashMap<>(elsewhere);
    anyPort.put("AUDIT_PORT", "0");
    isRefused(anyPort, "AUDIT_ADDRESS is 192.0.2.1");
  }
}
