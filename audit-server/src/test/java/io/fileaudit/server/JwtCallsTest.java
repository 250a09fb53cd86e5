package io.fileaudit.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JWTs of an issuer whose keys are in a file, over HTTP. */
class JwtCallsTest {
  @TempDir private static Path files;
  private static RSAKey key;
  private static Node node;

  @BeforeAll
  static void start() throws Exception {
    key = new RSAKeyGenerator(2_048).keyID("k1").generate();
    Path keys =
        Files.writeString(files.resolve("keys.json"), new JWKSet(key.toPublicJWK()).toString());
    node =
        Node.start(
            "AUDIT_JWT_ISSUER", "https://issuer.example",
            "AUDIT_JWT_AUDIENCE", "audit",
            "AUDIT_JWT_KEYS", keys.toString());
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static JWTClaimsSet claims(String scope, String namespaces, int seconds) {
    return new JWTClaimsSet.Builder()
        .issuer("https://issuer.example")
        .audience("audit")
        .subject("alice")
        .expirationTime(Date.from(Instant.now().plusSeconds(seconds)))
        .claim("scope", scope)
        .claim("namespaces", namespaces)
        .build();
  }

  private static String jwt(String scope, String namespaces) throws Exception {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(),
            claims(scope, namespaces, 3_600));
    jwt.sign(new RSASSASigner(key));
    return jwt.serialize();
  }

  private static Answer call(String token, String method, String path, String... headers) {
    String[] all = new String[headers.length + 2];
    all[0] = "Authorization";
    all[1] = "Bearer " + token;
    System.arraycopy(headers, 0, all, 2, headers.length);
    return node.sendWithout(method, path, method.equals("GET") ? "" : "{}", all);
  }

  @Test
  void whatItAllowsAndNothingElse() throws Exception {
    String reader = jwt("read", "sales");
    String loader = jwt("ingest", "sales hr");
    String batch = Node.fresh();

    assertThat(call(loader, "PUT", batch, "Audit-Namespace", "sales").is(201).at("/namespace"))
        .isEqualTo("sales");
    call(reader, "GET", batch).is(200);
    call(reader, "PUT", Node.fresh()).isProblem(403, "forbidden");
    call(loader, "GET", batch, "Audit-Namespace", "sales").isProblem(403, "forbidden");
    call(loader, "PUT", Node.fresh(), "Audit-Namespace", "x").isProblem(403, "forbidden");
    call(jwt("read", "hr"), "GET", batch).isProblem(404, "not-found");
    call(jwt("read", ""), "GET", "/api/v1/batches").isProblem(403, "forbidden");
    assertThat(call(reader, "GET", "/api/v1/session").at("/name")).isEqualTo("jwt:alice");
  }

  @Test
  void forgedOneIsAnsweredLikeAWrongKey() throws Exception {
    String good = jwt("admin", "*");
    String unsigned = new PlainJWT(claims("admin", "*", 3_600)).serialize();
    String wrong = "ak_" + "x".repeat(43);

    Answer forged = call(unsigned, "GET", "/api/v1/batches").isProblem(401, "unauthenticated");

    assertThat(forged.body()).isEqualTo(call(wrong, "GET", "/api/v1/batches").body());
    call(good + "x", "GET", "/api/v1/batches").isProblem(401, "unauthenticated");
    call(good, "GET", "/api/v1/batches").is(200);
  }

  @Test
  void itOpensThePageForAsLongAsItIsValidAndMakesNoLinks() throws Exception {
    String good = jwt("read", "default");

    Answer in =
        node.sendWithout(
                "POST",
                "/ui/login",
                "key=" + URLEncoder.encode(good, StandardCharsets.UTF_8),
                "Content-Type",
                "application/x-www-form-urlencoded")
            .is(303);

    String cookie = in.header("Set-Cookie").split(";", 2)[0];
    Answer session = node.sendWithout("GET", "/api/v1/session", "", "Cookie", cookie).is(200);
    assertThat(session.at("/name")).isEqualTo("jwt:alice");
    assertThat(Instant.parse(session.at("/expires_at")))
        .isBeforeOrEqualTo(Instant.now().plusSeconds(3_600));
    call(good, "POST", "/api/v1/links").isProblem(403, "forbidden");
  }
}
