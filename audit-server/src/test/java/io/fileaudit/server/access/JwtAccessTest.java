package io.fileaudit.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.fileaudit.api.problem.AuditException;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.access.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** JWTs: who is let in by one, and the ways in which one may be forged. */
class JwtAccessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String ISSUER = "https://issuer.example";
  private static final String AUDIENCE = "audit";
  private static final RSAKey KEY = rsa("k1", 2_048);
  private static final RSAKey STRANGER = rsa("k1", 2_048);
  private static final RSAKey SHORT = rsa("short", 1_024);
  private static final ECKey CURVE = curve();

  private static final RefusalLog REFUSALS =
      new RefusalLog(new SimpleMeterRegistry(), System::nanoTime);

  private static final JwtSettings SETTINGS = settings("RS256");

  private static JwtSettings settings(String algorithm) {
    return new JwtSettings(
        ISSUER, AUDIENCE, URI.create("https://unused.example"), algorithm, "scope", "namespaces");
  }

  private static RSAKey rsa(String id, int bits) {
    try {
      return new RSAKeyGenerator(bits, true).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ECKey curve() {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID("e1").generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String published() {
    return new JWKSet(List.of(KEY.toPublicJWK(), SHORT.toPublicJWK(), CURVE.toPublicJWK()))
        .toString();
  }

  private static JwtAccess access() {
    return access(SETTINGS);
  }

  private static JwtAccess access(JwtSettings settings) {
    return new JwtAccess(
        settings,
        new IssuerKeys(Mono.fromSupplier(JwtAccessTest::published), Schedulers.parallel()),
        REFUSALS,
        Schedulers.parallel());
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .subject("alice")
        .expirationTime(Date.from(Instant.now().plusSeconds(300)))
        .claim("scope", "ingest read openid")
        .claim("namespaces", List.of("sales", "hr"));
  }

  private static JWSHeader.Builder header(JWSAlgorithm algorithm) {
    return new JWSHeader.Builder(algorithm).keyID("k1").type(JOSEObjectType.JWT);
  }

  private static String signed(JWSHeader header, JWTClaimsSet claims, RSAKey key) {
    try {
      SignedJWT jwt = new SignedJWT(header, claims);
      jwt.sign(new RSASSASigner(key.toPrivateKey(), true));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String signed(JWTClaimsSet claims) {
    return signed(header(JWSAlgorithm.RS256).build(), claims, KEY);
  }

  @Test
  void whoHasAGoodOneIsWhatItSays() {
    StepVerifier.create(access().principal(signed(claims().build())))
        .assertNext(
            principal -> {
              assertThat(principal.name()).isEqualTo("jwt:alice");
              assertThat(principal.scopes()).containsExactlyInAnyOrder(Scope.INGEST, Scope.READ);
              assertThat(principal.namespaces()).containsExactlyInAnyOrder("sales", "hr");
              assertThat(principal.expiresAt()).isAfter(Instant.now());
            })
        .expectComplete()
        .verify(PATIENCE);
  }

  @Test
  void claimsMayBeListsOrStringsAndAreOptional() {
    JWTClaimsSet lists =
        claims().claim("scope", List.of("admin")).claim("namespaces", "a *  b").build();
    JWTClaimsSet nothing = claims().claim("scope", null).claim("namespaces", 7).build();

    StepVerifier.create(access().principal(signed(lists)))
        .assertNext(
            principal -> {
              assertThat(principal.scopes()).containsExactly(Scope.ADMIN);
              assertThat(principal.namespaces()).containsExactlyInAnyOrder("a", "b", "*");
            })
        .expectComplete()
        .verify(PATIENCE);
    StepVerifier.create(access().principal(signed(nothing)))
        .assertNext(
            principal -> {
              assertThat(principal.hasAny(Set.of(Scope.values()))).isFalse();
              assertThat(principal.mayUse("default")).isFalse();
            })
        .expectComplete()
        .verify(PATIENCE);
  }

  @Test
  void accessTokensOfRfc9068AreLetIn() {
    JWSHeader header = header(JWSAlgorithm.RS256).type(new JOSEObjectType("at+jwt")).build();

    assertThat(access().principal(signed(header, claims().build(), KEY)).block(PATIENCE))
        .isNotNull();
  }

  @Test
  void otherAlgorithmIsLetInWhereItIsTheOneThatCounts() throws JOSEException {
    SignedJWT jwt = new SignedJWT(header(JWSAlgorithm.ES256).keyID("e1").build(), claims().build());
    jwt.sign(new ECDSASigner(CURVE));

    assertThat(access(settings("ES256")).principal(jwt.serialize()).block(PATIENCE)).isNotNull();
    assertThat(access().principal(jwt.serialize()).block(PATIENCE)).isNull();
  }

  @TestFactory
  Stream<DynamicTest> forged() throws Exception {
    Instant now = Instant.now();
    String good = signed(claims().build());
    String[] parts = good.split("\\.", -1);
    SignedJWT byPublicKey = new SignedJWT(header(JWSAlgorithm.HS256).build(), claims().build());
    byPublicKey.sign(new MACSigner(KEY.toRSAPublicKey().getEncoded()));
    SignedJWT byPem = new SignedJWT(header(JWSAlgorithm.HS256).build(), claims().build());
    byPem.sign(
        new MACSigner(
            ("-----BEGIN PUBLIC KEY-----\n"
                    + Base64.getMimeEncoder().encodeToString(KEY.toRSAPublicKey().getEncoded())
                    + "\n-----END PUBLIC KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII)));
    JWSHeader foreign =
        header(JWSAlgorithm.RS256).jwkURL(URI.create("https://evil.example/keys")).build();
    JWSHeader embedded = header(JWSAlgorithm.RS256).jwk(STRANGER.toPublicJWK()).build();
    String otherClaims =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(
                claims()
                    .subject("root")
                    .claim("scope", "admin")
                    .build()
                    .toString()
                    .getBytes(StandardCharsets.UTF_8));
    return Stream.of(
            Map.entry("alg none", new PlainJWT(claims().build()).serialize()),
            Map.entry(
                "alg none in a header with a signature", none() + "." + parts[1] + "." + parts[2]),
            Map.entry("no signature", parts[0] + "." + parts[1] + "."),
            Map.entry("HS256 with the public key", byPublicKey.serialize()),
            Map.entry("HS256 with the public key as PEM", byPem.serialize()),
            Map.entry(
                "another algorithm of the same key",
                signed(header(JWSAlgorithm.RS512).build(), claims().build(), KEY)),
            Map.entry(
                "a foreign key",
                signed(header(JWSAlgorithm.RS256).build(), claims().build(), STRANGER)),
            Map.entry("a foreign jku", signed(foreign, claims().build(), STRANGER)),
            Map.entry("a key in the header", signed(embedded, claims().build(), STRANGER)),
            Map.entry(
                "an unknown kid",
                signed(header(JWSAlgorithm.RS256).keyID("../../x").build(), claims().build(), KEY)),
            Map.entry(
                "a key that is too short",
                signed(header(JWSAlgorithm.RS256).keyID("short").build(), claims().build(), SHORT)),
            Map.entry(
                "other claims under the signature", parts[0] + "." + otherClaims + "." + parts[2]),
            Map.entry(
                "expired",
                signed(claims().expirationTime(Date.from(now.minusSeconds(60))).build())),
            Map.entry("no expiry", signed(claims().expirationTime(null).build())),
            Map.entry(
                "not yet valid",
                signed(claims().notBeforeTime(Date.from(now.plusSeconds(120))).build())),
            Map.entry("another audience", signed(claims().audience("billing").build())),
            Map.entry("no audience", signed(claims().audience((String) null).build())),
            Map.entry("another issuer", signed(claims().issuer("https://evil.example").build())),
            Map.entry("no issuer", signed(claims().issuer(null).build())),
            Map.entry("no subject", signed(claims().subject(null).build())),
            Map.entry(
                "another type",
                signed(
                    header(JWSAlgorithm.RS256).type(new JOSEObjectType("logout+jwt")).build(),
                    claims().build(),
                    KEY)),
            Map.entry(
                "unknown crit",
                signed(
                    header(JWSAlgorithm.RS256)
                        .criticalParams(Set.of("x"))
                        .customParam("x", 1)
                        .build(),
                    claims().build(),
                    KEY)),
            Map.entry("nothing", "a.b.c"),
            Map.entry("two parts", parts[0] + "." + parts[1]))
        .map(
            forged ->
                DynamicTest.dynamicTest(
                    forged.getKey(),
                    () -> {
                      assertThat(access().principal(good).block(PATIENCE)).isNotNull();
                      assertThat(access().principal(forged.getValue()).block(PATIENCE)).isNull();
                    }));
  }

  private static String none() {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString("{\"alg\":\"none\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a\nb", "\u001b[31m", "x\u202ey"})
  void nameThatCannotStandInAVerdictIsRefused(String subject) {
    String odd = signed(claims().subject(subject).build());
    String tooLong = signed(claims().subject("s".repeat(256)).build());
    String number = signed(claims().claim("sub", 5).build());

    for (String token : List.of(odd, tooLong, number)) {
      assertThat(access().principal(token).block(PATIENCE)).isNull();
    }
    assertThat(
            access().principal(signed(claims().subject("s".repeat(255)).build())).block(PATIENCE))
        .isNotNull();
  }

  @Test
  void tokenForEverIsRefused() {
    Date never = Date.from(Instant.now().plus(Duration.ofDays(4_000)));

    assertThat(access().principal(signed(claims().expirationTime(never).build())).block(PATIENCE))
        .isNull();
  }

  @Test
  void issuerIsAskedSeldomWhateverKeysAreMadeUp() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    AtomicInteger asked = new AtomicInteger();
    IssuerKeys keys =
        new IssuerKeys(
            Mono.fromSupplier(
                () -> {
                  asked.incrementAndGet();
                  return published();
                }),
            time);
    time.advanceTimeBy(Duration.ofDays(1));

    for (int i = 0; i < 1_000; i++) {
      keys.with("made-up-" + i).block(PATIENCE);
    }
    assertThat(asked.get()).isEqualTo(1);
    time.advanceTimeBy(Duration.ofSeconds(31));
    keys.with("made-up").block(PATIENCE);
    keys.with("k1").block(PATIENCE);
    assertThat(asked.get()).as("a new key is found within half a minute").isEqualTo(2);
    time.advanceTimeBy(Duration.ofMinutes(6));
    keys.with("k1").block(PATIENCE);
    assertThat(asked.get()).isEqualTo(3);
    time.dispose();
  }

  @Test
  void lastKeysHoldWhileTheIssuerIsAwayAndNoneArePretended() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    AtomicInteger asked = new AtomicInteger();
    IssuerKeys keys =
        new IssuerKeys(
            Mono.defer(
                () ->
                    asked.incrementAndGet() == 2
                        ? Mono.just(published())
                        : Mono.error(new java.io.IOException("away"))),
            time);
    JwtAccess access = new JwtAccess(SETTINGS, keys, REFUSALS, time);
    time.advanceTimeBy(Duration.ofDays(1));
    String good = signed(claims().build());

    StepVerifier.create(access.principal(good)).expectError(AuditException.class).verify(PATIENCE);
    time.advanceTimeBy(Duration.ofSeconds(31));
    assertThat(access.principal(good).block(PATIENCE)).isNotNull();
    time.advanceTimeBy(Duration.ofMinutes(6));
    assertThat(access.principal(good).block(PATIENCE))
        .as("the keys of the last reading")
        .isNotNull();
    assertThat(asked.get()).isEqualTo(3);
    time.dispose();
  }

  @Test
  void streamEndsWithTheToken() {
    VirtualTimeScheduler time = VirtualTimeScheduler.create();
    JwtAccess access =
        new JwtAccess(SETTINGS, new IssuerKeys(Mono.just(published()), time), REFUSALS, time);
    long now = time.now(TimeUnit.MILLISECONDS);
    Principal principal =
        new Principal(
            "jwt:a", "jwt:a", "jwt:a", Set.of(), Set.of(), Instant.ofEpochMilli(now + 60_000));
    AtomicInteger ended = new AtomicInteger();
    access.ended(principal).subscribe(null, null, ended::incrementAndGet);

    time.advanceTimeBy(Duration.ofSeconds(89));
    assertThat(ended.get()).isZero();
    time.advanceTimeBy(Duration.ofSeconds(2));
    assertThat(ended.get()).isEqualTo(1);
    time.dispose();
  }
}
