package io.fileaudit.server.hook;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.timeout.ReadTimeoutException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why no answer came, in words of this service. The messages of errors are not used: they have
 * bytes in them that the receiver sent, and whoever sets an address could read by them what answers
 * inside of the network.
 */
final class Failures {
  private static final int MOST_CAUSES = 10;

  /** The first that is among an error and its causes tells. */
  private static final Map<Class<? extends Throwable>, String> REASONS = new LinkedHashMap<>();

  static {
    REASONS.put(UnknownHostException.class, "the host's name is not found");
    REASONS.put(
        ConnectTimeoutException.class, "the receiver cannot be connected to: it does not answer");
    REASONS.put(ConnectException.class, "the receiver cannot be connected to");
    REASONS.put(NotSslRecordException.class, "the receiver does not speak TLS");
    REASONS.put(
        CertificateExpiredException.class,
        "the receiver's TLS is not valid: its certificate has expired");
    REASONS.put(
        CertificateNotYetValidException.class,
        "the receiver's TLS is not valid: its certificate is not valid yet");
    REASONS.put(CertPathBuilderException.class, "the receiver's TLS is not valid: " + untrusted());
    REASONS.put(
        CertPathValidatorException.class, "the receiver's TLS is not valid: " + untrusted());
    REASONS.put(
        CertificateException.class,
        "the receiver's TLS is not valid: its certificate is not for its name");
    REASONS.put(SSLException.class, "the receiver's TLS is not valid");
    REASONS.put(ReadTimeoutException.class, "no answer within 10 s");
    REASONS.put(IllegalArgumentException.class, "the answer is not HTTP");
    REASONS.put(DecoderException.class, "the answer is not HTTP");
  }

  private Failures() {}

  private static String untrusted() {
    return "its certificate is of no authority that is trusted here";
  }

  /** For people. */
  static String reason(Throwable error) {
    if (error instanceof HookGate.ClosedException) {
      return String.valueOf(error.getMessage());
    }
    return REASONS.entrySet().stream()
        .filter(one -> has(error, one.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("the connection broke without an answer");
  }

  private static boolean has(Throwable error, Class<? extends Throwable> type) {
    @Nullable Throwable one = error;
    for (int i = 0; one != null && i < MOST_CAUSES; i++) {
      if (type.isInstance(one)) {
        return true;
      }
      one = one.getCause();
    }
    return false;
  }
}
