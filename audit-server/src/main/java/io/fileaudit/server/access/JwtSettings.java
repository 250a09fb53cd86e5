package io.fileaudit.server.access;

import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Whose tokens are believed.
 *
 * @param issuer the claim {@code iss}
 * @param audience what the claim {@code aud} has to name
 * @param keys where the issuer's public keys are: an https address or a file
 * @param algorithm the one signature algorithm that counts, as in {@code RS256}
 * @param scopesClaim the claim with the scopes
 * @param namespacesClaim the claim with the namespaces
 */
public record JwtSettings(
    String issuer,
    String audience,
    URI keys,
    String algorithm,
    String scopesClaim,
    String namespacesClaim) {
  /** The algorithms that can be chosen: signatures by a key that only the issuer has. */
  public static final Set<String> ALGORITHMS =
      Collections.unmodifiableSet(
          new LinkedHashSet<>(
              List.of(
                  "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
                  "ES512")));
}
