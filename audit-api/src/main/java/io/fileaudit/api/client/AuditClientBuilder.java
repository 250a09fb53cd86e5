package io.fileaudit.api.client;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.util.NetUtil;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.SslProvider;

/**
 * Collects where a client finds its service, as whom it speaks, and what it does while the service
 * cannot be reached. Not thread-safe.
 */
public final class AuditClientBuilder {
  private static final int CONNECTIONS = 64;
  private static final int MOST_PORT = 65_535;
  private static final Duration IDLE_CONNECTION = Duration.ofSeconds(20);

  private static final long DEFAULT_SPOOL_BYTES = 1L << 30;

  private URI url = URI.create("http://127.0.0.1:8080");
  private @Nullable String key;
  private @Nullable String namespace;
  private @Nullable Path authorities;
  private @Nullable Path certificate;
  private @Nullable Path certificateKey;
  private Duration connectTimeout = Duration.ofSeconds(5);
  private Duration responseTimeout = Duration.ofSeconds(60);
  private @Nullable Path spool;
  private long spoolBytes = DEFAULT_SPOOL_BYTES;
  private Duration giveUpAfter = Duration.ofMinutes(2);
  private int window = 10_000;
  private boolean disabled;
  private ClientMeters meters = ClientMeters.NONE;

  AuditClientBuilder() {
    disabled = isDisabled(System.getenv());
  }

  private static boolean isDisabled(Map<String, String> environment) {
    return "true".equalsIgnoreCase(environment.getOrDefault("AUDIT_DISABLED", "").strip());
  }

  /** Takes what that environment says. */
  AuditClientBuilder environment(Map<String, String> environment) {
    disabled = isDisabled(environment);
    String address = environment.get("AUDIT_URL");
    String directory = environment.get("AUDIT_SPOOL");
    if (address != null) {
      AuditClientBuilder unused = url(address);
    }
    spool = directory == null || directory.isBlank() ? null : Path.of(directory);
    return key(environment.get("AUDIT_KEY")).namespace(environment.get("AUDIT_NAMESPACE"));
  }

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
    boolean usable =
        (scheme.equals("http") || scheme.equals("https"))
            && uri.getHost() != null
            && uri.getPort() <= MOST_PORT;
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
   * How long the service may be silent while it owes an answer or an acknowledgement; 60 seconds
   * where nothing is said. {@link AuditCalls} does not bound its streams by it.
   */
  public AuditClientBuilder responseTimeout(Duration value) {
    responseTimeout = value;
    return this;
  }

  /**
   * A directory of this machine where events wait while the service cannot be reached. They are
   * durable there before they count as kept, survive the process, and are delivered when the
   * service is back: by this client, or by the next one with this directory. Several processes may
   * share it.
   */
  public AuditClientBuilder spool(@Nullable Path directory) {
    spool = directory;
    return this;
  }

  /** How many bytes may wait in the spool; 1 GiB where nothing is said. Then callers wait. */
  public AuditClientBuilder spoolLimit(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("the spool's limit is " + bytes + ", expected 1 or more");
    }
    spoolBytes = bytes;
    return this;
  }

  /**
   * How long callers wait for a service that cannot be reached, where there is no spool or it is
   * full, before they fail; 2 minutes where nothing is said. {@link Duration#ZERO} fails with the
   * first call that does not pass.
   */
  public AuditClientBuilder giveUpAfter(Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException("giving up after " + value + " is not possible");
    }
    giveUpAfter = value;
    return this;
  }

  /**
   * How many events that were reported by calls to one batch may be neither acknowledged nor in the
   * spool, before callers wait; 10,000 where nothing is said.
   */
  public AuditClientBuilder window(int events) {
    if (events < 1) {
      throw new IllegalArgumentException("the window is " + events + ", expected 1 or more");
    }
    window = events;
    return this;
  }

  /**
   * Where the client counts: {@code audit.client.events} by {@code outcome} (acknowledged, refused,
   * spooled, undelivered), {@code audit.client.retries}, {@code audit.client.heartbeats}. Needs
   * Micrometer on the classpath.
   */
  public AuditClientBuilder meters(MeterRegistry registry) {
    meters = new MicrometerMeters(registry);
    return this;
  }

  /**
   * Whether the client does nothing, successfully, and speaks with nobody; as {@code
   * AUDIT_DISABLED=true} in the environment.
   */
  public AuditClientBuilder disabled(boolean value) {
    disabled = value;
    return this;
  }

  /**
   * The client; it connects with the first call, or at once where events wait in its spool.
   *
   * @throws IllegalArgumentException where a file of {@link #trusting} or {@link #certificate}, or
   *     the directory of the spool, cannot be used
   */
  public AuditClient build() {
    AuditCalls calls = calls();
    if (disabled) {
      return new AuditClient(calls, null);
    }
    Random random = new Random();
    return new AuditClient(
        calls,
        new DeliverySettings(
            calls,
            namespace,
            Schedulers.newSingle("audit-client", true),
            openSpool(),
            Schedulers.newBoundedElastic(1, Integer.MAX_VALUE, "audit-client-disk", 60, true),
            window,
            giveUpAfter,
            responseTimeout,
            Clock.systemUTC(),
            random::nextDouble,
            meters));
  }

  private @Nullable Spool openSpool() {
    Path directory = spool;
    if (directory == null) {
      return null;
    }
    try {
      return Spool.in(directory, spoolBytes);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the spool in " + directory + " cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * The single calls of the service, each made once; they connect with the first one.
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
        context.trustManager(readable(authorities));
      }
      if (certificate != null && certificateKey != null) {
        context.keyManager(readable(certificate), readable(certificateKey));
      }
      SslContext made = context.build();
      return spec -> spec.sslContext(made);
    } catch (SSLException | IllegalArgumentException e) {
      throw new IllegalArgumentException("the certificates cannot be used: " + e.getMessage(), e);
    }
  }

  /** What reads it says which kind of file it is, and not which one. */
  private static File readable(Path file) {
    if (Files.isDirectory(file) || !Files.isReadable(file)) {
      throw new IllegalArgumentException(file + " cannot be read");
    }
    return file.toFile();
  }

  private HttpClient configured(HttpClient http) {
    int timeoutMillis = Math.toIntExact(connectTimeout.toMillis());
    HttpClient encrypted = authorities == null && certificate == null ? http : http.secure(tls());
    // An address in figures needs nobody who looks up names.
    HttpClient found =
        NetUtil.createByteArrayFromIpAddressString(url.getHost()) == null
            ? encrypted
            : encrypted.resolver(DefaultAddressResolverGroup.INSTANCE);
    return found
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
