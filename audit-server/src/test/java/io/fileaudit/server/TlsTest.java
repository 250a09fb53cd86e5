package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fileaudit.api.access.Identity;
import io.fileaudit.api.client.AuditCalls;
import io.fileaudit.api.client.AuditClient;
import io.fileaudit.api.client.AuditClientBuilder;
import io.fileaudit.api.client.UnreachableException;
import io.fileaudit.core.access.MemoryCredentialStore;
import io.fileaudit.core.store.MemoryAuditStore;
import io.fileaudit.core.store.MemoryExpectations;
import io.fileaudit.server.access.AdminKey;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS, certificates of clients, and what changes with them. */
class TlsTest {
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path files;
  private X509Bundle authority;

  @BeforeEach
  void makeCertificates() throws Exception {
    authority =
        new CertificateBuilder()
            .subject("CN=an authority of the tests")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(files.resolve("ca.pem"), authority.getCertificatePEM());
    X509Bundle server =
        new CertificateBuilder()
            .subject("CN=localhost")
            .addSanDnsName("localhost")
            .addSanIpAddress("127.0.0.1")
            .buildIssuedBy(authority);
    write("server", server);
    write("client", new CertificateBuilder().subject("CN=a loader").buildIssuedBy(authority));
  }

  private void write(String name, X509Bundle bundle) throws IOException {
    Files.writeString(files.resolve(name + ".pem"), bundle.getCertificatePathPEM());
    Files.writeString(files.resolve(name + ".key"), bundle.getPrivateKeyPEM());
  }

  private RunningServer start(String... more) throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("AUDIT_PORT", "0");
    settings.put("AUDIT_MANAGEMENT_PORT", "0");
    settings.put("AUDIT_TLS_CERT", files.resolve("server.pem").toString());
    settings.put("AUDIT_TLS_KEY", files.resolve("server.key").toString());
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    Path key = Files.writeString(files.resolve("admin"), Node.KEY);
    MemoryAuditStore store = new MemoryAuditStore(InstantSource.system());
    return RunningServer.start(
        ServerSettings.read(settings),
        store,
        store.lineage(),
        store.feeds(),
        store.reports(),
        new MemoryExpectations(store, InstantSource.system()),
        store.webhooks(),
        store.evidence(),
        new MemoryCredentialStore(InstantSource.system()),
        AdminKey.fromFile(key));
  }

  private AuditClientBuilder client(RunningServer server) {
    return AuditClient.builder()
        .url("https://127.0.0.1:" + server.port())
        .key(Node.KEY)
        .connectTimeout(PATIENCE);
  }

  private static Identity identity(AuditClientBuilder builder) {
    try (AuditCalls client = builder.calls()) {
      return client.identity().block(PATIENCE);
    }
  }

  @Test
  void keyThatDoesNotFitTheCertificateIsRefusedAtTheStart() {
    assertThatThrownBy(() -> start("AUDIT_TLS_KEY", files.resolve("client.key").toString()).close())
        .hasStackTraceContaining("Private key")
        .hasStackTraceContaining("certificate");
  }

  @Test
  void clientThatTrustsTheAuthorityIsServed() throws IOException {
    try (RunningServer server = start()) {
      assertThat(identity(client(server).trusting(files.resolve("ca.pem"))).name())
          .isEqualTo("admin");
      assertThatThrownBy(() -> identity(client(server)))
          .isInstanceOf(UnreachableException.class)
          .hasMessageContaining("not of an authority that is trusted here; AUDIT_CA");
      assertThat(server.address()).isEqualTo("https://127.0.0.1:" + server.port());
    }
  }

  @Test
  void plainHttpIsNotServed() throws IOException {
    try (RunningServer server = start()) {
      for (int port : new int[] {server.port(), server.managementPort()}) {
        HttpRequest plain =
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + port + "/actuator/health/liveness"))
                .timeout(PATIENCE)
                .build();
        assertThatThrownBy(() -> HttpClient.newHttpClient().send(plain, BodyHandlers.ofString()))
            .isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void clientWithoutACertificateIsTurnedAwayWhereOneIsAskedFor() throws Exception {
    X509Bundle stranger =
        new CertificateBuilder()
            .subject("CN=another authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    write("stranger", new CertificateBuilder().subject("CN=x").buildIssuedBy(stranger));
    Path trusted = files.resolve("ca.pem");
    try (RunningServer server = start("AUDIT_TLS_CLIENT_CA", trusted.toString())) {
      AuditClientBuilder known =
          client(server)
              .trusting(trusted)
              .certificate(files.resolve("client.pem"), files.resolve("client.key"));
      AuditClientBuilder unknown =
          client(server)
              .trusting(trusted)
              .certificate(files.resolve("stranger.pem"), files.resolve("stranger.key"));

      assertThat(identity(known).name()).isEqualTo("admin");
      assertThatThrownBy(() -> identity(client(server).trusting(trusted)))
          .isInstanceOf(UnreachableException.class);
      assertThatThrownBy(() -> identity(unknown)).isInstanceOf(UnreachableException.class);
    }
  }

  @Test
  void fileThatHoldsNoCertificateStopsTheStart() throws IOException {
    Files.writeString(files.resolve("server.pem"), "nothing");

    assertThatThrownBy(this::start).hasStackTraceContaining("ertificate");
  }

  @Test
  void behindTlsTheCookieIsBoundToTheHost() {
    try (Node secure = Node.start("AUDIT_PUBLIC_URL", "https://audit.example")) {
      Answer in =
          secure.sendWithout("POST", "/ui/login", "key=" + Node.KEY, "Content-Type", FORM).is(303);

      assertThat(in.header("Set-Cookie"))
          .startsWith("__Host-audit-session=as_")
          .contains("Secure", "Path=/")
          .doesNotContain("Domain");
      assertThat(in.header("Strict-Transport-Security")).isNotEmpty();
    }
  }
}
