package io.fileaudit.server.http;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;

/** Tells what a page of this service sent from what another site made a browser send. */
public final class Origins {
  private Origins() {}

  /**
   * Whether nothing says that the request comes from elsewhere: {@code Sec-Fetch-Site} and {@code
   * Origin}, which browsers set and scripts cannot. A program sends neither.
   */
  public static boolean isOwn(ServerHttpRequest request) {
    HttpHeaders headers = request.getHeaders();
    String site = headers.getFirst("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return false;
    }
    String origin = headers.getFirst(HttpHeaders.ORIGIN);
    return origin == null || isOf(origin, headers.getFirst(HttpHeaders.HOST));
  }

  /**
   * Compares host and port. The scheme is left out, because something in front of the service may
   * take TLS off.
   */
  private static boolean isOf(String origin, @Nullable String host) {
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority != null && authority.equalsIgnoreCase(host);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
