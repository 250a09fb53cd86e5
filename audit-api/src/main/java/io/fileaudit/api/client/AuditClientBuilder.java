package io.fileaudit.api.client;

import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.SslProvider;

/** Collects where a client finds its service and as whom it speaks. Not thread-safe. */
public final class AuditClientBuilder {
  private static final int CONNECTIONS = 64;
  private static final Duration IDLE_CONNECTION = Duration.ofSeconds(20);

  private URI url = URI.create("http://127.0.0.1:8080");
  private @Nullable String key;
  private @Nullable String namespace;
  private @Nullable Path authorities;
  private @Nullable Path certificate;
  private @Nullable Path certificateKey;
  private Duration connectTimeout = Duration.ofSeconds(5);
  private Duration responseTimeout = Duration.ofSeconds(60);

  AuditClientBuilder() {}

  /**
   * Where the service is: its address, with a path where it stands behind one.
   *
   * @throws IllegalArgumentException where it is no http or https address
   */
  public AuditClientBuilder url(String value) {
    URI uri;
    try {
      uri = URI.create(value.strip());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not an address: \"" + value + "\"", e);
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean usable = (scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null;
    if (!usable || uri.getRawQuery() != null || uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "the address is \"" + value + "\", expected one such as http://127.0.0.1:8080");
    }
    url = uri;
    return this;
  }

  /**
   * The key that every call carries.
   *
   * @throws IllegalArgumentException where it is empty or has characters that no key has
   */
  public AuditClientBuilder key(@Nullable String value) {
    if (value != null && (value.isEmpty() || value.chars().anyMatch(c -> c <= ' ' || c > '~'))) {
      throw new IllegalArgumentException(
          "the key must be printable ASCII characters without a space");
    }
    key = value;
    return this;
  }

  /** The namespace; null for the key's own, or {@code default}. */
  public AuditClientBuilder namespace(@Nullable String value) {
    namespace = value;
    return this;
  }

  /**
   * Which authorities the service's certificate may be signed by: a file of certificates, PEM; null
   * for those that Java trusts.
   */
  public AuditClientBuilder trusting(@Nullable Path certificates) {
    authorities = certificates;
    return this;
  }

  /**
   * The certificate that the client shows where the service asks for one.
   *
   * @param chain the file of its chain, PEM
   * @param privateKey the file of its private key, PEM (PKCS#8)
   */
  public AuditClientBuilder certificate(Path chain, Path privateKey) {
    certificate = chain;
    certificateKey = privateKey;
    return this;
  }

  /** How long a connection may take; 5 seconds where nothing is said. */
  public AuditClientBuilder connectTimeout(Duration value) {
    connectTimeout = value;
    return this;
  }

  /**
   * How long the service may be silent in a call that is answered as a whole; 60 seconds where
   * nothing is said. Streams are not bounded by it.
   */
  public AuditClientBuilder responseTimeout(Duration value) {
    responseTimeout = value;
    return this;
  }

  /**
   * The client; it connects with the first call.
   *
   * @throws IllegalArgumentException where a file of {@link #trusting} or {@link #certificate}
   *     cannot be used
   */
  public AuditCalls calls() {
    ConnectionProvider kept =
        ConnectionProvider.builder("audit-client")
            .maxConnections(CONNECTIONS)
            .maxIdleTime(IDLE_CONNECTION)
            .build();
    HttpClient whole = configured(HttpClient.create(kept)).responseTimeout(responseTimeout);
    HttpClient streaming = configured(HttpClient.newConnection()).disableRetry(true);
    return new AuditCalls(new HttpCalls(whole, streaming, url), kept);
  }

  private Consumer<SslProvider.SslContextSpec> tls() {
    SslContextBuilder context = SslContextBuilder.forClient();
    try {
      if (authorities != null) {
        context.trustManager(authorities.toFile());
      }
      if (certificate != null && certificateKey != null) {
        context.keyManager(certificate.toFile(), certificateKey.toFile());
      }
      SslContext made = context.build();
      return spec -> spec.sslContext(made);
    } catch (SSLException | IllegalArgumentException e) {
      throw new IllegalArgumentException("the certificates cannot be used: " + e.getMessage(), e);
    }
  }

  private HttpClient configured(HttpClient http) {
    int timeoutMillis = Math.toIntExact(connectTimeout.toMillis());
    HttpClient encrypted = authorities == null && certificate == null ? http : http.secure(tls());
    return encrypted
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
        .headers(
            headers -> {
              headers.set(HttpHeaderNames.USER_AGENT, "fileaudit-client");
              if (key != null) {
                headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + key);
              }
              if (namespace != null) {
                headers.set("Audit-Namespace", namespace);
              }
            });
  }
}
