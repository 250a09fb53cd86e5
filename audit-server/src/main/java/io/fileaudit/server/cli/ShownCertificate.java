package io.fileaudit.server.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * The certificate that a server shows, looked at and not judged: whether it is trusted shows when
 * the client calls. Nothing is sent over the connection.
 */
final class ShownCertificate {
  private static final int MOST_MILLIS = 5_000;

  private ShownCertificate() {}

  /**
   * Looks at it.
   *
   * @param soon a certificate that ends within this is warned of
   */
  static Diagnosis look(InetSocketAddress target, String host, Instant now, Duration soon) {
    try {
      X509Certificate shown = shown(target, host);
      Instant end = shown.getNotAfter().toInstant();
      String said =
          shown.getSubjectX500Principal()
              + ", signed by "
              + shown.getIssuerX500Principal()
              + ", valid until "
              + end;
      if (end.isBefore(now)) {
        return Diagnosis.fail("tls", said + ", which is over", ExitCode.UNREACHABLE);
      }
      return end.isBefore(now.plus(soon)) ? Diagnosis.warn("tls", said) : Diagnosis.ok("tls", said);
    } catch (IOException | GeneralSecurityException e) {
      return Diagnosis.fail("tls", "no TLS there: " + e.getMessage(), ExitCode.UNREACHABLE);
    }
  }

  private static X509Certificate shown(InetSocketAddress target, String host)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Looking()}, null);
    try (Socket plain = new Socket()) {
      plain.setSoTimeout(MOST_MILLIS);
      plain.connect(target, MOST_MILLIS);
      SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(plain, host, target.getPort(), true);
      SSLParameters parameters = socket.getSSLParameters();
      if (host.chars().anyMatch(Character::isLetter) && host.indexOf(':') < 0) {
        parameters.setServerNames(List.of(new SNIHostName(host)));
        socket.setSSLParameters(parameters);
      }
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  /** Lets every certificate be looked at. */
  private static final class Looking implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
