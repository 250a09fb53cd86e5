package io.fileaudit.server.hook;

import io.fileaudit.core.hook.HookReceiver;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/**
 * The way to receivers by HTTP: a connection of its own for each try, to an address that was
 * checked, without proxies and redirects, and without reading what is answered.
 */
final class HttpReceiver implements HookReceiver {
  private static final int CONNECT_MILLIS = 4_000;
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final int MOST_HEADER_BYTES = 16 * 1024;
  private static final int MOST_ADDRESSES = 3;

  private final HookGate gate;
  private final HttpClient client;
  private final UnaryOperator<HttpClient> tls;
  private final InstantSource clock;

  /**
   * Receivers behind that gate.
   *
   * @param loops whose threads carry the connections
   * @param clock what {@code Retry-After} with a date is held against
   */
  HttpReceiver(HookGate gate, LoopResources loops, InstantSource clock) {
    this(gate, loops, clock, HttpClient::secure);
  }

  /** The same with TLS of a test's own. */
  HttpReceiver(
      HookGate gate, LoopResources loops, InstantSource clock, UnaryOperator<HttpClient> tls) {
    this.gate = gate;
    this.clock = clock;
    this.tls = tls;
    this.client =
        HttpClient.create(ConnectionProvider.newConnection())
            .runOn(loops)
            .noProxy()
            .followRedirect(false)
            .disableRetry(true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
            .responseTimeout(ANSWER)
            .httpResponseDecoder(spec -> spec.maxHeaderSize(MOST_HEADER_BYTES));
  }

  @Override
  public Mono<Answer> send(Message message) {
    return Mono.defer(
            () -> {
              HookAddress to = address(message.url());
              return gate.open(to).flatMap(addresses -> send(message, to, addresses, 0));
            })
        .onErrorMap(error -> new IOException(Failures.reason(error), error));
  }

  /** What is wrong with an address is for whoever set it, unlike what comes over the network. */
  private static HookAddress address(String url) {
    try {
      return HookAddress.read(url);
    } catch (IllegalArgumentException e) {
      throw new HookGate.ClosedException(String.valueOf(e.getMessage()));
    }
  }

  /** Where nobody listens at one address of a name, the next is tried. */
  private Mono<Answer> send(
      Message message, HookAddress to, List<InetAddress> addresses, int index) {
    Mono<Answer> sent = send(message, to, addresses.get(index));
    return index + 1 < Math.min(addresses.size(), MOST_ADDRESSES)
        ? sent.onErrorResume(
            ConnectException.class, error -> send(message, to, addresses, index + 1))
        : sent;
  }

  private Mono<Answer> send(Message message, HookAddress to, InetAddress address) {
    HttpClient plain = client.remoteAddress(() -> new InetSocketAddress(address, to.port()));
    return (to.isSecure() ? tls.apply(plain) : plain)
        .headers(
            headers -> {
              message.headers().forEach(headers::set);
              headers.set(HttpHeaderNames.HOST, to.authority());
              headers.set(HttpHeaderNames.CONTENT_LENGTH, message.body().length);
            })
        .post()
        .uri(to.path())
        .send((request, out) -> out.sendByteArray(Mono.just(message.body())))
        .response((response, body) -> Flux.just(answer(response)))
        .next();
  }

  private Answer answer(HttpClientResponse response) {
    HttpHeaders headers = response.responseHeaders();
    return new Answer(response.status().code(), patience(headers.get(HttpHeaderNames.RETRY_AFTER)));
  }

  /** Seconds, or a date (RFC 9110, 10.2.3); what is neither is passed over. */
  private @Nullable Duration patience(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return Duration.ofSeconds(Math.max(0, Math.min(Integer.MAX_VALUE, Long.parseLong(text))));
    } catch (NumberFormatException e) {
      return until(text);
    }
  }

  private @Nullable Duration until(String date) {
    try {
      Instant then = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration left = Duration.between(clock.instant(), then);
      return left.isNegative() ? Duration.ZERO : left;
    } catch (DateTimeException e) {
      return null;
    }
  }
}
