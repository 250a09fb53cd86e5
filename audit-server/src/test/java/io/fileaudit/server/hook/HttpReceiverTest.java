package io.fileaudit.server.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fileaudit.core.hook.HookReceiver.Answer;
import io.fileaudit.core.hook.HookReceiver.Message;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpServer;

/** What goes over the wire, and that a certificate is held against the name. */
class HttpReceiverTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  private final LoopResources loops = LoopResources.create("hooks-of-a-test", 1, true);
  private final Queue<String> got = new ConcurrentLinkedQueue<>();
  private final AtomicInteger lookups = new AtomicInteger();
  private X509Bundle authority;
  private DisposableServer server;
  private String[] addresses = {"127.0.0.1"};

  @BeforeEach
  void serve() throws Exception {
    authority =
        new CertificateBuilder()
            .subject("CN=an authority of the tests")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    X509Bundle certificate =
        new CertificateBuilder()
            .subject("CN=pager.example")
            .addSanDnsName("pager.example")
            .buildIssuedBy(authority);
    SslContext tls =
        SslContextBuilder.forServer(
                certificate.getKeyPair().getPrivate(), certificate.getCertificatePath())
            .build();
    server =
        HttpServer.create()
            .host("127.0.0.1")
            .secure(spec -> spec.sslContext(tls))
            .handle(
                (request, response) ->
                    request
                        .receive()
                        .aggregate()
                        .asString()
                        .doOnNext(body -> got.add(line(request) + " " + body))
                        .then(answer(request, response).then()))
            .bindNow(PATIENCE);
  }

  private static String line(HttpServerRequest request) {
    return request.method()
        + " "
        + request.uri()
        + " "
        + request.requestHeaders().get("host")
        + " "
        + request.requestHeaders().get("webhook-id");
  }

  private static Mono<Void> answer(
      HttpServerRequest request, reactor.netty.http.server.HttpServerResponse response) {
    if (request.uri().startsWith("/later")) {
      response.status(429).header("Retry-After", "Sat, 28 Nov 2026 12:01:30 GMT");
    } else if (request.uri().startsWith("/endless")) {
      return response
          .status(200)
          .sendString(Flux.interval(Duration.ofMillis(1)).map(n -> "x".repeat(1_000)))
          .then();
    } else {
      response.status(204);
    }
    return response.send().then();
  }

  @AfterEach
  void stop() {
    server.disposeNow(PATIENCE);
    loops.disposeLater(Duration.ZERO, Duration.ofSeconds(2)).block(PATIENCE);
  }

  private Answer send(String url, boolean isTrusted) {
    HostNames names =
        host ->
            Mono.fromCallable(
                () -> {
                  lookups.incrementAndGet();
                  return List.of(addresses).stream().map(HttpReceiverTest::address).toList();
                });
    HookGate gate = new HookGate(names, AllowedPlaces.read("127.0.0.0/8,::1" + plainNames(url)));
    SslContext trust = trusting();
    HttpReceiver receiver =
        isTrusted
            ? new HttpReceiver(
                gate, loops, () -> NOW, client -> client.secure(spec -> spec.sslContext(trust)))
            : new HttpReceiver(gate, loops, () -> NOW);
    byte[] body = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
    return Objects.requireNonNull(
        receiver.send(new Message(url, Map.of("webhook-id", "msg_1"), body)).block(PATIENCE));
  }

  /** Plain http goes to names alone that are allowed. */
  private static String plainNames(String url) {
    return url.startsWith("http:") ? ",pager.example" : "";
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private SslContext trusting() {
    try {
      return SslContextBuilder.forClient().trustManager(authority.getCertificate()).build();
    } catch (javax.net.ssl.SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  private String url(String host, String path) {
    return "https://" + host + ":" + server.port() + path;
  }

  @Test
  void messageGoesToTheAddressThatWasCheckedUnderTheNamesOwnCertificate() {
    Answer answer = send(url("pager.example", "/a?b=c"), true);

    assertThat(answer.status()).isEqualTo(204);
    assertThat(lookups).hasValue(1);
    assertThat(got)
        .containsExactly("POST /a?b=c pager.example:" + server.port() + " msg_1 {\"a\":1}");
  }

  @Test
  void certificateOfAnotherNameOrAuthorityIsNotTaken() {
    assertThat(catchThrowable(() -> send(url("other.example", "/"), true)))
        .hasMessageContaining("its certificate is not for its name");
    assertThat(catchThrowable(() -> send(url("pager.example", "/"), false)))
        .hasMessageContaining("of no authority that is trusted");
    assertThat(got).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "https|220 secret.corp ESMTP|the receiver does not speak TLS",
        "http|SSH-2.0-secret_9.6|the answer is not HTTP",
        "http|220 secret.corp ESMTP|the answer is not HTTP",
        "http|HTTP/1.1 302 Found<nl>Location: /a<1>secret|the answer is not HTTP",
        "http||the connection broke without an answer",
      })
  void nothingOfWhatTheReceiverSendsIsInTheReason(
      String scheme, @Nullable String banner, String reason) {
    String sent = banner == null ? "" : banner.replace("<nl>", "\r\n").replace("<1>", "\1");
    DisposableServer other =
        TcpServer.create()
            .host("127.0.0.1")
            .handle(
                (in, out) ->
                    in.receive()
                        .take(1)
                        .thenMany(
                            out.sendString(
                                Mono.just(sent + "\r\n\r\n").filter(s -> banner != null)))
                        .then())
            .bindNow(PATIENCE);
    try {
      assertThat(
              catchThrowable(() -> send(scheme + "://pager.example:" + other.port() + "/", false)))
          .hasMessage("java.io.IOException: " + reason);
    } finally {
      other.disposeNow(PATIENCE);
    }
  }

  @Test
  void nextAddressOfANameIsTriedWhereNobodyListens() {
    addresses = new String[] {"127.0.0.2", "127.0.0.1"};
    assertThat(send(url("pager.example", "/"), true).status()).isEqualTo(204);
  }

  @Test
  void nameThatLeadsToMetadataIsNeverConnectedTo() {
    addresses = new String[] {"127.0.0.1", "169.254.169.254"};

    assertThat(catchThrowable(() -> send(url("pager.example", "/"), true)))
        .hasMessageContaining("pager.example is not on the public internet");
    assertThat(got).isEmpty();
  }

  @Test
  void patienceIsReadAsADateAndABodyWithoutEndIsNotRead() {
    Answer later = send(url("pager.example", "/later"), true);
    assertThat(later.status()).isEqualTo(429);
    assertThat(later.retryAfter()).isEqualTo(Duration.ofSeconds(90));
    assertThat(send(url("pager.example", "/endless"), true).status()).isEqualTo(200);
  }
}
