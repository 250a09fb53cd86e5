package io.fileaudit.core.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signatures are those of Standard Webhooks. */
class HookSignatureTest {
  /** The example of the specification's own libraries. */
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  private static final long SECONDS = 1_614_265_330;
  private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);

  @Test
  void exampleOfTheSpecificationIsSignedAsThere() {
    assertThat(HookSignature.of(SECRET, ID, SECONDS, BODY))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void anotherBodyTimeOrIdHasAnotherSignature() {
    String signature = HookSignature.of(SECRET, ID, SECONDS, BODY);
    assertThat(HookSignature.of(SECRET, ID, SECONDS + 1, BODY)).isNotEqualTo(signature);
    assertThat(HookSignature.of(SECRET, ID + "x", SECONDS, BODY)).isNotEqualTo(signature);
    assertThat(HookSignature.of(SECRET, ID, SECONDS, new byte[] {1})).isNotEqualTo(signature);
  }

  @Test
  void madeSecretsAreSecretsOf256Bits() {
    SecureRandom random = new SecureRandom();
    String secret = HookSignature.secret(random);
    assertThat(HookSignature.isSecret(secret)).isTrue();
    assertThat(Base64.getDecoder().decode(secret.substring(6))).hasSize(32);
    assertThat(HookSignature.secret(random)).isNotEqualTo(secret);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "whsec_",
        "whsec_AAAA",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_not base64!"
      })
  void othersAreNone(String text) {
    assertThat(HookSignature.isSecret(text)).isFalse();
  }

  @Test
  void secretHas24To64Bytes() {
    assertThat(HookSignature.isSecret(secret(23))).isFalse();
    assertThat(HookSignature.isSecret(secret(24))).isTrue();
    assertThat(HookSignature.isSecret(secret(64))).isTrue();
    assertThat(HookSignature.isSecret(secret(65))).isFalse();
    assertThatThrownBy(() -> HookSignature.of("hunter2", ID, SECONDS, BODY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("hunter2");
  }

  private static String secret(int bytes) {
    return "whsec_" + Base64.getEncoder().encodeToString(new byte[bytes]);
  }
}
