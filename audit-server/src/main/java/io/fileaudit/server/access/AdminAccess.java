package io.fileaudit.server.access;

import io.fileaudit.core.access.CredentialRules;
import io.fileaudit.core.access.Principal;
import io.fileaudit.core.access.Scope;
import io.fileaudit.core.access.Token;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import reactor.core.publisher.Mono;

/** Lets in who has the admin key, of which only the SHA-256 is known here. */
public final class AdminAccess implements Access {
  private static final int ID_BYTES = 6;

  private final byte[] keyHash;
  private final Principal admin;

  /**
   * The access of one key.
   *
   * @param keyHash what {@link Token#digest} makes of it
   */
  public AdminAccess(byte[] keyHash) {
    this.keyHash = keyHash.clone();
    // Of the key, so that sessions of another admin key do not outlive it.
    String id =
        HexFormat.of()
            .formatHex(Token.digest("id:" + HexFormat.of().formatHex(keyHash)), 0, ID_BYTES);
    this.admin =
        new Principal(
            CredentialRules.ADMIN + "-" + id,
            CredentialRules.ADMIN + "-" + id,
            CredentialRules.ADMIN,
            Set.of(Principal.EVERY_NAMESPACE),
            EnumSet.allOf(Scope.class),
            null);
  }

  /** Whom the key stands for. */
  public Principal admin() {
    return admin;
  }

  /**
   * Lazy, and answers at once; never an error. Takes as long for a wrong key as for the right one.
   */
  @Override
  public Mono<Principal> principal(String token) {
    return Mono.fromSupplier(
        () -> MessageDigest.isEqual(keyHash, Token.digest(token)) ? admin : null);
  }

  /** Never: the admin key lasts as long as the node. */
  @Override
  public Mono<Void> ended(Principal principal) {
    return Mono.never();
  }
}
