package io.fileaudit.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** Whoever never finishes the head of a request does not keep the connection. */
class HeadDeadlineTest {
  private static final int PATIENCE_MILLIS = 20_000;
  private DisposableServer server;

  private void start(Duration first, Duration next) {
    server =
        BareRefusals.explainedBy(HeadDeadline.of(HttpServer.create().port(0), first, next))
            .handle(
                (request, response) ->
                    response.sendString(
                        request
                            .receive()
                            .asByteArray()
                            .then(Mono.delay(Duration.ofMillis(600)))
                            .thenReturn("done")))
            .bindNow();
  }

  @AfterEach
  void stop() {
    server.disposeNow();
  }

  private Socket connected() throws IOException {
    Socket socket = new Socket("127.0.0.1", server.port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  private static String all(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void headThatDoesNotComeIsAnswered408AndTheConnectionClosed() throws IOException {
    start(Duration.ofMillis(300), Duration.ofSeconds(60));
    try (Socket socket = connected()) {
      send(socket, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");

      String answer = all(socket.getInputStream());

      assertThat(answer).startsWith("HTTP/1.1 408 ").contains("/problems/request-timeout");
    }
  }

  @Test
  void connectionThatIsKeptAndBringsNothingIsClosedWithoutAWord() throws IOException {
    start(Duration.ofSeconds(60), Duration.ofMillis(300));
    try (Socket socket = connected()) {
      send(socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");

      String answer = all(socket.getInputStream());

      assertThat(answer).startsWith("HTTP/1.1 200 ").doesNotContain("408").contains("done");
    }
  }

  @Test
  void requestThatIsBeingAnsweredHasNoDeadline() throws IOException {
    start(Duration.ofMillis(300), Duration.ofMillis(300));
    try (Socket socket = connected()) {
      send(socket, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

      assertThat(all(socket.getInputStream())).startsWith("HTTP/1.1 200 ").contains("done");
    }
  }

  @Test
  void requestThatWasSentBeforeTheLastAnswerHasNoDeadlineEither() throws IOException {
    start(Duration.ofSeconds(60), Duration.ofMillis(200));
    try (Socket socket = connected()) {
      String one = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
      send(socket, one + one);

      String answers = all(socket.getInputStream());

      assertThat(answers.split("HTTP/1.1 200 ", -1)).hasSize(3);
      assertThat(answers.split("done", -1)).hasSize(3);
    }
  }

  @Test
  void interimAnswerBeginsNoDeadline() throws IOException {
    start(Duration.ofSeconds(60), Duration.ofMillis(100));
    try (Socket socket = connected()) {
      send(
          socket,
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
      Mono.delay(Duration.ofMillis(300)).block();
      send(socket, "ab");

      assertThat(all(socket.getInputStream())).contains("HTTP/1.1 200 ").contains("done");
    }
  }
}
