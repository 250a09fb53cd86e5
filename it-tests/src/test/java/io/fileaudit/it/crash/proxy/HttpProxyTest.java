package io.fileaudit.it.crash.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HttpProxyTest {
  private static final String FEED =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 1\ndata: {\"whole\":1}\n\n";

  private ServerSocket service;
  private HttpProxy proxy;
  private Socket client;
  private Socket served;

  @BeforeEach
  void connect() throws IOException {
    service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    proxy = new HttpProxy(service::getLocalPort);
    client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    served = service.accept();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    served.close();
    proxy.close();
    service.close();
  }

  private void tell(String text) throws IOException {
    served.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private String read(int bytes) throws IOException {
    return new String(client.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
  }

  @Test
  void bothDirectionsPass() throws IOException {
    client.getOutputStream().write("asked".getBytes(StandardCharsets.US_ASCII));
    tell(FEED);

    InputStream asked = served.getInputStream();
    assertThat(asked.readNBytes(5)).asString(StandardCharsets.US_ASCII).isEqualTo("asked");
    assertThat(read(FEED.length())).isEqualTo(FEED);
  }

  @Test
  void feedStandsInTheMiddleOfAnEventUntilItIsBroken() throws IOException {
    Halt halt = proxy.haltAt(Point.MID_FEED);
    tell(FEED);
    int half = FEED.indexOf("{") + 1;

    assertThat(read(half)).isEqualTo(FEED.substring(0, half));
    assertThat(client.getInputStream().available()).isZero();
    while (!halt.isReached()) {
      Thread.onSpinWait();
    }
    halt.drop();
    assertThatThrownBy(() -> read(1)).isInstanceOf(IOException.class);
  }

  @Test
  void answerThatIsNoFeedIsNotStopped() throws IOException {
    Halt halt = proxy.haltAt(Point.MID_FEED);
    String answer = FEED.replace("text/event-stream", "text/plain");
    tell(answer);

    assertThat(read(answer.length())).isEqualTo(answer);
    assertThat(halt.isReached()).isFalse();
  }

  @Test
  void answersThatAreHeldBackComeLaterAndWhole() throws IOException {
    proxy.holdAnswers();
    tell(FEED);
    client.getOutputStream().write('a');
    assertThat(served.getInputStream().read()).as("what is asked arrives").isEqualTo('a');

    proxy.speak();

    assertThat(read(FEED.length())).isEqualTo(FEED);
  }
}
