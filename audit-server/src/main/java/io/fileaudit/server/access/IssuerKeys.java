package io.fileaudit.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * The public keys of an issuer of JWTs, RFC 7517. Read when they are first needed, again after five
 * minutes, and for a key that is not among them, but no more than once in half a minute: whoever
 * makes tokens up must not make this node ask the issuer each time. Where the issuer does not
 * answer, the keys of the last reading hold. Thread-safe.
 */
final class IssuerKeys {
  private static final Duration FRESH = Duration.ofMinutes(5);
  private static final Duration PAUSE = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int MOST_BYTES = 1024 * 1024;
  private static final int LEAST_RSA_BITS = 2_048;
  private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);

  private record Reading(@Nullable JWKSet keys, long atMillis) {}

  private final Mono<String> source;
  private final Scheduler scheduler;
  private final AtomicReference<@Nullable Reading> last = new AtomicReference<>();
  private final AtomicReference<@Nullable Mono<JWKSet>> reading = new AtomicReference<>();

  IssuerKeys(URI keys) {
    this(text(keys), Schedulers.parallel());
  }

  /** Reads from any source, paced by the clock of that scheduler. */
  IssuerKeys(Mono<String> source, Scheduler scheduler) {
    this.source = source;
    this.scheduler = scheduler;
  }

  private static Mono<String> text(URI keys) {
    if (keys.getScheme().equals("file")) {
      return Mono.fromCallable(() -> Files.readString(Path.of(keys), StandardCharsets.UTF_8))
          .subscribeOn(Schedulers.boundedElastic());
    }
    return HttpClient.create(ConnectionProvider.newConnection())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) PATIENCE.toMillis())
        .responseTimeout(PATIENCE)
        .get()
        .uri(keys)
        .response(
            (response, body) ->
                response.status().code() == 200
                    ? body.asByteArray().reduceWith(StringParts::new, StringParts::and)
                    : Mono.error(new IOException("the answer is " + response.status())))
        .next()
        .map(StringParts::text)
        .timeout(PATIENCE);
  }

  /** A body that is bounded. */
  private static final class StringParts {
    private final java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();

    StringParts and(byte[] more) {
      if (bytes.size() + more.length > MOST_BYTES) {
        throw new IllegalStateException("larger than " + MOST_BYTES + " bytes");
      }
      bytes.writeBytes(more);
      return this;
    }

    String text() {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  /**
   * The keys, with that one among them if the issuer has it. Lazy. An error where they were never
   * read.
   */
  Mono<JWKSet> with(@Nullable String keyId) {
    return Mono.defer(
        () -> {
          Reading present = last.get();
          JWKSet keys = present == null ? null : present.keys();
          boolean has = keys != null && (keyId == null || keys.getKeyByKeyId(keyId) != null);
          long age = present == null ? Long.MAX_VALUE : now() - present.atMillis();
          boolean enough = has ? age < FRESH.toMillis() : age < PAUSE.toMillis();
          return enough ? known(keys) : read();
        });
  }

  private static Mono<JWKSet> known(@Nullable JWKSet keys) {
    return keys == null
        ? Mono.error(new IOException("the issuer's keys could not be read"))
        : Mono.just(keys);
  }

  private long now() {
    return scheduler.now(TimeUnit.MILLISECONDS);
  }

  private Mono<JWKSet> read() {
    Mono<JWKSet> mine = readOnce().doFinally(signal -> reading.set(null)).cache();
    Mono<JWKSet> shared = reading.compareAndExchange(null, mine);
    return shared == null ? mine : shared;
  }

  private Mono<JWKSet> readOnce() {
    return source
        .map(IssuerKeys::parse)
        .doOnNext(keys -> last.set(new Reading(keys, now())))
        .onErrorResume(
            error -> {
              log.warn("the issuer's keys could not be read: {}", error.getMessage());
              Reading before = last.get();
              JWKSet keys = before == null ? null : before.keys();
              last.set(new Reading(keys, now()));
              return known(keys);
            });
  }

  private static JWKSet parse(String json) {
    try {
      List<JWK> usable =
          JWKSet.parse(json).toPublicJWKSet().getKeys().stream()
              .filter(IssuerKeys::isLongEnough)
              .toList();
      return new JWKSet(usable);
    } catch (ParseException e) {
      throw new IllegalStateException("no set of JSON web keys: " + e.getMessage(), e);
    }
  }

  private static boolean isLongEnough(JWK key) {
    try {
      return !(key instanceof RSAKey rsa)
          || rsa.toRSAPublicKey().getModulus().bitLength() >= LEAST_RSA_BITS;
    } catch (JOSEException e) {
      return false;
    }
  }
}
