package io.fileaudit.server.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.api.problem.ProblemType;
import io.fileaudit.core.access.Namespaces;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.access.Scope;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Lets in who shows a JWT of the issuer, RFC 7519 and RFC 9068: signed by one of its keys with the
 * one algorithm that counts, for this service, within its time. Keys that a token itself names
 * ({@code jku}, {@code x5u}, {@code jwk}) are never looked at. Thread-safe.
 */
public final class JwtAccess implements Access {
  private static final int SKEW_SECONDS = 30;
  private static final int LONGEST_NAME = 255;
  private static final Duration LONGEST_LIFE = Duration.ofDays(3_660);
  private static final String PREFIX = "jwt:";

  private final JwtSettings settings;
  private final IssuerKeys keys;
  private final RefusalLog refusals;
  private final Scheduler scheduler;

  JwtAccess(JwtSettings settings, IssuerKeys keys, RefusalLog refusals, Scheduler scheduler) {
    this.refusals = refusals;
    this.settings = settings;
    this.keys = keys;
    this.scheduler = scheduler;
  }

  /** The access of an issuer; its keys are read when the first token comes. */
  public static JwtAccess of(JwtSettings settings, RefusalLog refusals, Scheduler scheduler) {
    return new JwtAccess(settings, new IssuerKeys(settings.keys()), refusals, scheduler);
  }

  /** Whether that principal was let in by a JWT. */
  static boolean isJwt(Principal principal) {
    return principal.account().startsWith(PREFIX);
  }

  @Override
  public Mono<Principal> principal(String token) {
    return Mono.defer(
        () -> {
          SignedJWT jwt;
          try {
            jwt = SignedJWT.parse(token);
          } catch (ParseException e) {
            return refused("it is no signed JWT");
          }
          // Before any key is looked for, so that a made-up key id costs nothing.
          if (!jwt.getHeader().getAlgorithm().getName().equals(settings.algorithm())) {
            return refused("its algorithm is not " + settings.algorithm());
          }
          return keys.with(jwt.getHeader().getKeyID())
              .onErrorMap(
                  error ->
                      new AuditException(
                          ProblemType.UNAVAILABLE, "JWTs cannot be checked now", error))
              .flatMap(known -> verified(jwt, known));
        });
  }

  private Mono<Principal> verified(SignedJWT jwt, JWKSet known) {
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(
            JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(
            JWSAlgorithm.parse(settings.algorithm()), new ImmutableJWKSet<>(known)));
    DefaultJWTClaimsVerifier<SecurityContext> claims =
        new DefaultJWTClaimsVerifier<>(
            settings.audience(),
            new JWTClaimsSet.Builder().issuer(settings.issuer()).build(),
            Set.of("sub", "exp"));
    claims.setMaxClockSkew(SKEW_SECONDS);
    processor.setJWTClaimsSetVerifier(claims);
    try {
      JWTClaimsSet verified = processor.process(jwt, null);
      String wrong = wrong(jwt, verified);
      return wrong == null ? Mono.just(principal(verified)) : refused(wrong);
    } catch (BadJOSEException | JOSEException | ParseException e) {
      return refused(String.valueOf(e.getMessage()));
    }
  }

  /** What the library lets pass: names that cannot stand in a verdict, and times beyond reason. */
  private static @Nullable String wrong(SignedJWT jwt, JWTClaimsSet claims) {
    if (!(jwt.getPayload().toJSONObject().get("sub") instanceof String subject)
        || subject.isBlank()
        || subject.length() > LONGEST_NAME
        || !SecurityLog.printable(subject).equals(subject)) {
      return "its sub is no printable text of 1 to " + LONGEST_NAME + " characters";
    }
    // The clock by which the library judges expiry.
    long left = claims.getExpirationTime().getTime() - Clock.systemUTC().millis();
    return left > LONGEST_LIFE.toMillis()
        ? "its exp is more than " + LONGEST_LIFE + " ahead"
        : null;
  }

  private Mono<Principal> refused(String why) {
    refusals.note("jwt", "a JWT: " + why);
    return Mono.empty();
  }

  private Principal principal(JWTClaimsSet claims) throws ParseException {
    String name = PREFIX + claims.getSubject();
    return new Principal(
        name,
        name,
        name,
        words(claims.getClaim(settings.namespacesClaim()))
            .filter(word -> word.equals(Principal.EVERY_NAMESPACE) || Namespaces.isName(word))
            .collect(Collectors.toSet()),
        words(claims.getClaim(settings.scopesClaim()))
            .map(Scope::of)
            .flatMap(Optional::stream)
            .collect(Collectors.toSet()),
        claims.getExpirationTime().toInstant());
  }

  /** A claim that is a list of words, or one string with spaces between them as in RFC 8693. */
  private static Stream<String> words(@Nullable Object claim) {
    if (claim instanceof String text) {
      return Stream.of(text.split(" ", -1)).filter(word -> !word.isEmpty());
    }
    Collection<?> list = claim instanceof Collection<?> many ? many : List.of();
    return list.stream().filter(String.class::isInstance).map(String.class::cast);
  }

  /** When it expires, by this node's clock. */
  @Override
  public Mono<Void> ended(Principal principal) {
    return Mono.defer(
        () -> {
          Instant end = principal.expiresAt();
          if (end == null) {
            return Mono.never();
          }
          long now = scheduler.now(TimeUnit.MILLISECONDS);
          long left = end.plusSeconds(SKEW_SECONDS).toEpochMilli() - now;
          return Mono.delay(Duration.ofMillis(Math.max(0, left)), scheduler).then();
        });
  }
}
