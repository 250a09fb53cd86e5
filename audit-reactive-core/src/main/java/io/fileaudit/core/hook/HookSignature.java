package io.fileaudit.core.hook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs deliveries as Standard Webhooks says: HMAC-SHA256 of id, time and body with dots between.
 * Pure functions.
 *
 * @see <a href="https://github.com/standard-webhooks/standard-webhooks">Standard Webhooks</a>
 */
public final class HookSignature {
  /** What a secret begins with. */
  public static final String PREFIX = "whsec_";

  private static final String ALGORITHM = "HmacSHA256";
  private static final int LEAST_BYTES = 24;
  private static final int MOST_BYTES = 64;
  private static final int MADE_BYTES = 32;

  private HookSignature() {}

  /** A fresh secret of 256 bits. */
  public static String secret(RandomGenerator random) {
    byte[] bytes = new byte[MADE_BYTES];
    random.nextBytes(bytes);
    return PREFIX + Base64.getEncoder().encodeToString(bytes);
  }

  /** Whether that text is a secret: the prefix and 24 to 64 bytes in Base64. */
  public static boolean isSecret(String text) {
    return key(text)
        .filter(key -> key.length >= LEAST_BYTES && key.length <= MOST_BYTES)
        .isPresent();
  }

  private static Optional<byte[]> key(String secret) {
    try {
      return secret.startsWith(PREFIX)
          ? Optional.of(Base64.getDecoder().decode(secret.substring(PREFIX.length())))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * The value of the header {@code webhook-signature}.
   *
   * @param seconds the time of the try, in seconds since 1970, as in {@code webhook-timestamp}
   * @throws IllegalArgumentException where that is no secret
   */
  public static String of(String secret, String id, long seconds, byte[] body) {
    byte[] key =
        key(secret).orElseThrow(() -> new IllegalArgumentException("not a secret of webhooks"));
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      mac.update((id + "." + seconds + ".").getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
