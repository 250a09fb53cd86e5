package io.fileaudit.core.access;

import io.fileaudit.api.evidence.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.random.RandomGenerator;

/**
 * What somebody shows to be let in: 256 random bits behind a prefix that says what it is, so that
 * one that leaked is recognised. Only its SHA-256 is kept: with that many random bits no slower
 * function is needed.
 */
public final class Token {
  /** What every key begins with. */
  public static final String KEY = "ak_";

  /** What every session of the page begins with. */
  public static final String SESSION = "as_";

  /** What every one-time link's secret begins with. */
  public static final String LINK = "al_";

  private static final int BYTES = 32;

  private Token() {}

  /** A fresh one with that prefix. */
  public static String make(String prefix, RandomGenerator random) {
    byte[] bits = new byte[BYTES];
    random.nextBytes(bits);
    return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  /** The SHA-256 of a token, as base64url. */
  public static String hash(String token) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(digest(token));
  }

  /** The SHA-256 of a token. */
  public static byte[] digest(String token) {
    return Sha256.of(token.getBytes(StandardCharsets.UTF_8));
  }
}
