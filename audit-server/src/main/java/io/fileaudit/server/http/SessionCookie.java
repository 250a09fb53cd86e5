package io.fileaudit.server.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpCookie;
import org.springframework.http.ResponseCookie;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * The cookie that a browser keeps its session in: out of reach of scripts, and sent along when a
 * link leads here from elsewhere but not with what other sites post. Under TLS its name begins with
 * {@code __Host-}, which binds it to this host (RFC 6265bis, section 4.1.3).
 */
public final class SessionCookie {
  private static final String NAME = "audit-session";

  private final boolean secure;

  /**
   * The cookie of a service.
   *
   * @param secure whether browsers reach it by TLS
   */
  public SessionCookie(boolean secure) {
    this.secure = secure;
  }

  private String name() {
    return secure ? "__Host-" + NAME : NAME;
  }

  /** The session that a request brings; null where it brings none. */
  @Nullable String of(ServerHttpRequest request) {
    HttpCookie cookie = request.getCookies().getFirst(name());
    return cookie == null || cookie.getValue().isEmpty() ? null : cookie.getValue();
  }

  /**
   * The header {@code Set-Cookie} that keeps a session until the browser is closed, or the session
   * ends.
   */
  public String keeping(String session) {
    return with(session, Duration.ofSeconds(-1));
  }

  /** The header {@code Set-Cookie} that makes a browser forget its session. */
  public String forgetting() {
    return with("", Duration.ZERO);
  }

  private String with(String value, Duration age) {
    return ResponseCookie.from(name(), value)
        .httpOnly(true)
        .secure(secure)
        .sameSite("Lax")
        .path("/")
        .maxAge(age)
        .build()
        .toString();
  }
}
