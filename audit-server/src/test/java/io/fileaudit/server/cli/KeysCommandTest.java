package io.fileaudit.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fileaudit.server.cli.CommandRun.Result;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** {@code audit keys} and {@code audit key --link}. */
class KeysCommandTest {
  private final TestService service = new TestService();
  private final CommandRun admin = new CommandRun().with(service);

  private static String fresh() {
    return "k-" + UUID.randomUUID();
  }

  private CommandRun with(String key) {
    return new CommandRun().set("AUDIT_URL", service.url()).set("AUDIT_KEY", key);
  }

  @Test
  void keyIsPrintedOnceAndLetsIn() {
    String name = fresh();
    Result made = admin.run("keys", "add", name, "--scope", "ingest,read", "--expires", "P90D");

    assertThat(made.exitCode()).as(made.err()).isZero();
    assertThat(made.out()).matches("ak_[A-Za-z0-9_-]{43}\n");
    assertThat(made.err()).contains("made the key " + name);
    String key = made.out().strip();
    assertThat(with(key).run("ls").exitCode()).isZero();
    Result list = admin.run("keys", "list", "-o", "csv");
    assertThat(list.out()).contains(name + ",\"ingest,read\",default,").doesNotContain(key);
    Result refused = with(key).run("keys", "list");
    assertThat(refused.exitCode()).isEqualTo(4);
    assertThat(refused.err()).contains("admin");
  }

  @Test
  void revokedKeyLetsNobodyIn() {
    String name = fresh();
    Result made = admin.run("keys", "add", name, "--scope", "read", "--namespaces", "a,b");
    String id = made.err().strip().replaceFirst(".* id ", "");

    Result revoked = admin.run("keys", "revoke", id);

    assertThat(revoked.exitCode()).as(revoked.err()).isZero();
    assertThat(revoked.err()).contains("revoked the key " + name);
    Result refused = with(made.out().strip()).run("ls", "--namespace", "a");
    assertThat(refused.exitCode()).isEqualTo(4);
    assertThat(admin.run("keys", "revoke", UUID.randomUUID().toString()).exitCode()).isEqualTo(2);
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThat(admin.run("keys").exitCode()).isEqualTo(2);
    assertThat(admin.run("keys", "add", "x").err()).contains("--scope");
    assertThat(admin.run("keys", "add", "x", "--scope", "write").err()).contains("\"write\"");
    assertThat(admin.run("keys", "add", "admin", "--scope", "read").err()).contains("name is");
    Result expires = admin.run("keys", "add", "x", "--scope", "read", "--expires", "soon");
    assertThat(expires.exitCode()).isEqualTo(2);
    assertThat(expires.err()).contains("--expires is \"soon\"");
    Result revoke = admin.run("keys", "revoke", "x");
    assertThat(revoke.exitCode()).isEqualTo(2);
    assertThat(revoke.err()).contains("\"x\" is no id").doesNotContain("java.");
  }

  @Test
  void linkOpensThePage() {
    Result link = admin.run("key", "--link");

    assertThat(link.exitCode()).as(link.err()).isZero();
    assertThat(link.out()).startsWith(service.url() + "/ui/login?link=al_");
  }

  @Test
  void certificateOfAClientComesWithItsKey() {
    Result result = admin.set("AUDIT_CLIENT_CERT", "a.pem").run("ls");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("AUDIT_CLIENT_KEY");
    assertThat(new CommandRun().with(service).set("AUDIT_CA", "none.pem").run("ls").err())
        .contains("the certificates cannot be used: ", "none.pem cannot be read");
  }
}
